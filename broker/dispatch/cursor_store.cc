#include "dispatch/cursor_store.h"

#include <charconv>
#include <utility>

namespace broker {
namespace {

constexpr uint64_t kMaxCursorBytes = 64;
constexpr uint32_t kCursorMode = 0640;
constexpr uint32_t kDirectoryMode = 0750;

std::optional<Seq> ParseCursor(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  Seq seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seq;
}

}  // namespace

CursorStore::CursorStore(FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

std::string CursorStore::PathOf(const std::string& instance) const {
  return directory_ + "/" + instance;
}

Result<std::optional<Seq>> CursorStore::Load(const std::string& instance) const {
  const Result<std::string> text = files_.ReadAll(PathOf(instance), kMaxCursorBytes);
  if (!text.ok()) {
    if (text.status().code() == StatusCode::kNotFound) return std::optional<Seq>();
    return text.status();
  }
  const std::optional<Seq> seq = ParseCursor(text.value());
  if (!seq) {
    return Status(StatusCode::kCorrupt, "the cursor file '" + PathOf(instance) +
                                            "' does not hold one decimal number; remove it to "
                                            "start this instance at the log's end");
  }
  return seq;
}

Status CursorStore::Save(const std::string& instance, Seq seq) const {
  Status made = files_.MakeDirectories(directory_, kDirectoryMode);
  if (!made.ok()) return made;
  return files_.Replace(PathOf(instance), std::to_string(seq) + "\n", kCursorMode);
}

}  // namespace broker
