#include "daemon/state_version.h"

#include <charconv>
#include <string_view>

namespace broker {
namespace {

constexpr int kMajor = 1;
constexpr std::string_view kVersion = "1.0\n";
constexpr uint64_t kMostBytes = 64;
constexpr uint32_t kMode = 0640;

std::string PathIn(const std::string& directory) {
  return directory + "/version";
}

}  // namespace

Status CheckStateVersion(FileSystem& files, const std::string& directory) {
  const std::string path = PathIn(directory);
  if (files.ReadAll(path, kMostBytes).status().code() != StatusCode::kNotFound) {
    return ReadStateVersion(files, directory);
  }
  const Status ignored = files.Replace(path, kVersion, kMode);  // A full disk stops nobody.
  return {};
}

Status ReadStateVersion(FileSystem& files, const std::string& directory) {
  const std::string path = PathIn(directory);
  const Result<std::string> text = files.ReadAll(path, kMostBytes);
  if (text.status().code() == StatusCode::kNotFound) return {};
  if (!text.ok()) return text.status();
  const std::string& found = text.value();
  int major = 0;
  const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), major);
  if (error != std::errc() || end == found.data() + found.size() || *end != '.') {
    return {StatusCode::kInvalid, "'" + path +
                                      "' does not hold a version, MAJOR.MINOR; remove it if " +
                                      "no other version of Usher wrote to the directory"};
  }
  if (major <= kMajor) return {};
  return {StatusCode::kInvalid,
          "'" + path + "' says that a newer Usher wrote the state directory, in version " +
              found.substr(0, found.find('\n')) + "; this one reads " + std::to_string(kMajor) +
              ".x: use the newer one, or another state_directory"};
}

}  // namespace broker
