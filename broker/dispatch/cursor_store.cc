#include "dispatch/cursor_store.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace broker {
namespace {

constexpr uint64_t kMaxCursorBytes = 64;
constexpr uint32_t kCursorMode = 0640;
constexpr uint32_t kDirectoryMode = 0750;
constexpr const char* kClaimed = "somebody else writes the cursor now";

bool IsReason(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::optional<StoredCursor> ParseCursor(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const std::string_view number = text.substr(0, text.find(' '));
  StoredCursor cursor;
  const char* const end = number.data() + number.size();
  const auto parsed = std::from_chars(number.data(), end, cursor.seq);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  if (number.size() == text.size()) return cursor;
  cursor.reason = text.substr(number.size() + 1);
  if (!IsReason(cursor.reason)) return std::nullopt;
  return cursor;
}

}  // namespace

CursorStore::CursorStore(FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

std::string CursorStore::PathOf(const std::string& instance) const {
  return directory_ + "/" + instance;
}

CursorStore::Entry& CursorStore::EntryOf(const std::string& instance) const {
  const MutexLock lock(mutex_);
  return entries_[instance];
}

CursorClaim CursorStore::Claim(const std::string& instance) const {
  return {instance, ++EntryOf(instance).claim};
}

Result<std::optional<StoredCursor>> CursorStore::Load(const std::string& instance) const {
  const MutexLock lock(EntryOf(instance).writing);
  return Read(instance);
}

Result<std::optional<StoredCursor>> CursorStore::Read(const std::string& instance) const {
  const Result<std::string> text = files_.ReadAll(PathOf(instance), kMaxCursorBytes);
  if (!text.ok()) {
    if (text.status().code() == StatusCode::kNotFound) return std::optional<StoredCursor>();
    return text.status();
  }
  std::optional<StoredCursor> cursor = ParseCursor(text.value());
  if (!cursor) {
    return Status(StatusCode::kCorrupt, "the cursor file '" + PathOf(instance) +
                                            "' does not hold a decimal number, nor one and a "
                                            "reason; remove it to start this instance at the "
                                            "log's end");
  }
  return cursor;
}

Status CursorStore::Save(const CursorClaim& claim, Seq seq) const {
  Entry& entry = EntryOf(claim.instance);
  const MutexLock lock(entry.writing);
  if (entry.claim != claim.number) return {StatusCode::kStopped, kClaimed};
  return Write(claim.instance, std::to_string(seq));
}

Status CursorStore::Save(const std::string& instance, Seq seq) const {
  const MutexLock lock(EntryOf(instance).writing);
  return Write(instance, std::to_string(seq));
}

Status CursorStore::Mark(const CursorClaim& claim, std::string_view reason) const {
  Entry& entry = EntryOf(claim.instance);
  const MutexLock lock(entry.writing);
  if (entry.claim != claim.number) return {StatusCode::kStopped, kClaimed};
  return MarkNow(claim.instance, reason);
}

Status CursorStore::Mark(const std::string& instance, std::string_view reason) const {
  const MutexLock lock(EntryOf(instance).writing);
  return MarkNow(instance, reason);
}

Status CursorStore::MarkNow(const std::string& instance, std::string_view reason) const {
  const Result<std::optional<StoredCursor>> stored = Read(instance);
  if (!stored.ok()) return stored.status();
  const std::optional<StoredCursor>& cursor = stored.value();
  if (!cursor || cursor->reason == reason) return {};
  return Write(instance, std::to_string(cursor->seq) + " " + std::string(reason));
}

Status CursorStore::Write(const std::string& instance, const std::string& line) const {
  Status made = files_.MakeDirectories(directory_, kDirectoryMode);
  if (!made.ok()) return made;
  return files_.Replace(PathOf(instance), line + "\n", kCursorMode);
}

}  // namespace broker
