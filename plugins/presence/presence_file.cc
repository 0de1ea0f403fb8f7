#include "presence_file.h"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <random>
#include <system_error>
#include <utility>

#include <usher/cpp/error.hpp>

namespace presence {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";
// Far longer than a Write takes, whose file must not be taken away from another instance.
constexpr std::chrono::minutes kLeftBehind{1};

/// File streams leave the reason in errno, where the C library underneath sets it.
std::error_code LastError() {
  return {errno, std::generic_category()};
}

[[noreturn]] void Fail(const fs::path& path, const std::string& what, std::error_code error) {
  throw usher::Error(USHER_IO, "\"" + path.string() + "\": " + what + ": " + error.message() +
                                   " (" + std::to_string(error.value()) +
                                   "); the file still shows what was known before");
}

}  // namespace

PresenceFile::PresenceFile(fs::path path, fs::perms mode) : path_(std::move(path)), mode_(mode) {}

std::string PresenceFile::TemporaryPrefix() const {
  return "." + path_.filename().string() + ".";
}

/// Unpredictable, so that nobody can put a link in its place beforehand.
fs::path PresenceFile::TemporaryPath() const {
  std::random_device random;
  const uint64_t number = (uint64_t{random()} << 32U) | random();
  return path_.parent_path() /
         (TemporaryPrefix() + std::to_string(number) + std::string(kTemporarySuffix));
}

void PresenceFile::Write(std::string_view content) const {
  const fs::path temporary = TemporaryPath();
  try {
    WriteTemporary(temporary, content);
    std::error_code error;
    fs::rename(temporary, path_, error);
    if (error) Fail(path_, "cannot be replaced", error);
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

void PresenceFile::WriteTemporary(const fs::path& temporary, std::string_view content) const {
  errno = 0;
  std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
  if (!stream) Fail(path_, "no file can be made in its folder", LastError());
  // Before the content, so that nobody reads it who must not.
  std::error_code error;
  fs::permissions(temporary, mode_, error);
  if (error) Fail(path_, "its mode cannot be set", error);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream) Fail(path_, "cannot be written", LastError());
}

void PresenceFile::RemoveLeftovers() const noexcept {
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(path_.parent_path())) {
      const std::string name = entry.path().filename().string();
      std::error_code ignored;
      if (name.starts_with(TemporaryPrefix()) && name.ends_with(kTemporarySuffix) &&
          fs::file_time_type::clock::now() - entry.last_write_time(ignored) >= kLeftBehind) {
        fs::remove(entry.path(), ignored);
      }
    }
  } catch (const std::exception&) {
    // A folder that cannot be read is told of by the first Write.
    return;
  }
}

}  // namespace presence
