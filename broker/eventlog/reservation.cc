#include "eventlog/reservation.h"

#include <algorithm>
#include <charconv>

#include "eventlog/format.h"
#include "eventlog/json_text.h"
#include "eventlog/line.h"
#include "eventlog/segments.h"

namespace broker {
namespace {

constexpr std::string_view kOpening = "{\"reserved\":\"";

/// Always of one length, so that it can be written over in place.
std::string Encode(Seq end) {
  const std::string digits = std::to_string(end);
  std::string line(kOpening);
  line.append(kSegmentDigits - digits.size(), '0').append(digits).push_back('"');
  const uint64_t sum = LineSum(line);
  line.append(kSumOpening);
  AppendHex64(line, sum);
  line.append(kSumClosing).push_back('\n');
  return line;
}

std::optional<Seq> Decode(std::string_view text) {
  if (!text.ends_with('\n')) return std::nullopt;
  text.remove_suffix(1);
  if (!HasValidSum(text) || !text.starts_with(kOpening)) return std::nullopt;
  text.remove_prefix(kOpening.size());
  Seq end = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), end);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + kSegmentDigits;
  if (!whole || end == 0 || end > kMaxSeq) return std::nullopt;
  return end;
}

}  // namespace

Reservation::Reservation(FileSystem& files, const std::string& directory)
    : files_(files), directory_(directory), path_(PathIn(directory, kReservationName)) {}

Result<Seq> Reservation::Read() const {
  const Result<std::string> text = files_.ReadAll(path_, Encode(1).size());
  if (!text.ok() && text.status().code() != StatusCode::kInvalid) return text.status();
  const std::optional<Seq> end = text.ok() ? Decode(text.value()) : std::nullopt;
  if (end) return *end;
  return Status(StatusCode::kCorrupt, "'" + path_ + "' is damaged");
}

std::optional<Seq> Reservation::Load(Seq next) const {
  const Result<Seq> end = Read();
  return end.ok() && IsBelievable(end.value(), next) ? std::optional(end.value()) : std::nullopt;
}

bool Reservation::IsBelievable(Seq end, Seq next) {
  return end <= std::min(next + kMaxAhead, kMaxFirstSeq);
}

Status Reservation::Save(Seq end) const {
  const std::string line = Encode(end);
  Status saved = files_.Overwrite(path_, line);
  if (saved.code() != StatusCode::kNotFound && saved.code() != StatusCode::kInvalid) return saved;
  Status made = files_.MakeDirectories(directory_, kLogDirectoryMode);
  if (!made.ok()) return made;
  Status replaced = files_.Replace(path_, line, kSegmentMode);
  const Result<bool> is_file = files_.IsFile(path_);
  if (replaced.ok() || !is_file.ok() || is_file.value()) return replaced;
  return {StatusCode::kInvalid, "'" + path_ + "' is not a regular file; move it away"};
}

Status Reservation::Keep(Seq end) const {
  const Result<Seq> kept = Read();
  return kept.ok() && kept.value() == end ? Status() : Save(end);
}

}  // namespace broker
