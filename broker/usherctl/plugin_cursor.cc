#include "usherctl/plugin_cursor.h"

#include <charconv>
#include <utility>

#include "eventlog/segments.h"

namespace broker {
namespace {

constexpr uint64_t kMaxCursorBytes = 4096;

}  // namespace

PluginCursor::PluginCursor(FileSystem& files, std::string directory, std::string instance)
    : files_(files), directory_(std::move(directory)), instance_(std::move(instance)) {}

// The number is the file's first word; why the instance stands there may come behind it.
Result<Seq> PluginCursor::Read() {
  const std::string path = PathIn(directory_, instance_);
  const Result<std::string> text = files_.ReadAll(path, kMaxCursorBytes);
  if (text.status().code() == StatusCode::kNotFound) return Missing();
  if (!text.ok()) return text.status();
  const std::string_view word =
      std::string_view(text.value()).substr(0, text->find_first_of(" \n"));
  Seq seq = 0;
  const char* const end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, seq);
  if (error == std::errc() && stopped == end) return seq;
  return Status(StatusCode::kCorrupt, "the cursor '" + path + "' does not begin with a number");
}

Status PluginCursor::Missing() {
  const Result<std::vector<std::string>> names = files_.List(directory_);
  std::string there;
  if (names.ok()) {
    for (const std::string& name : names.value()) {
      if (name.starts_with('.')) continue;
      there.append(there.empty() ? "" : ", ").append(name);
    }
  }
  return {StatusCode::kInvalid, "no instance '" + instance_ + "' has a cursor in '" + directory_ +
                                    "'" + (there.empty() ? "" : "; there are: " + there)};
}

}  // namespace broker
