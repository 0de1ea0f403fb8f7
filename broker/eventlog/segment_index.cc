#include "eventlog/segment_index.h"

#include <algorithm>
#include <array>

#include "event/utc.h"
#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/json_members.h"
#include "eventlog/json_text.h"
#include "eventlog/line.h"

namespace broker {
namespace {

// An index is a line of some 200 bytes; what is larger is none.
constexpr uint64_t kMaxIndexBytes = 4096;

void AppendNumber(std::string& out, std::string_view name, uint64_t value) {
  AppendJsonName(out, name);
  AppendInteger(out, value);
}

void AppendTime(std::string& out, std::string_view name, int64_t time_us) {
  AppendJsonName(out, name);
  AppendJsonString(out, FormatUtc(time_us), kMaxTextBytes);
}

Status ReadIndex(std::string_view line, SegmentIndex& index) {
  std::string format;
  index.min_time_us = 1;  // Absent, these contradict each other.
  index.max_time_us = 0;
  const std::array members{JsonMember{"format", &format, true},
                           JsonMember{"first_seq", &index.first_seq, true},
                           JsonMember{"last_seq", &index.last_seq, true},
                           JsonMember{"events", &index.events, true},
                           JsonMember{"bytes", &index.bytes, true},
                           JsonMember{"min_time", JsonTime{&index.min_time_us}},
                           JsonMember{"max_time", JsonTime{&index.max_time_us}}};
  Status read = ReadJsonObject(line, members);
  if (index.events == 0) index.min_time_us = index.max_time_us = 0;
  if (!read.ok() || format.starts_with(std::to_string(kLogFormatMajor) + ".")) return read;
  return {StatusCode::kInvalid, "its format '" + format + "' is not one this version reads"};
}

bool IsConsistent(const SegmentIndex& index) {
  if (index.first_seq == 0 || index.min_time_us > index.max_time_us) return false;
  if (index.events == 0) return index.last_seq == 0;
  return index.last_seq >= index.first_seq && index.events - 1 <= index.last_seq - index.first_seq;
}

}  // namespace

void AddTo(SegmentIndex& index, Seq seq, int64_t time_us) {
  index.min_time_us = index.events == 0 ? time_us : std::min(index.min_time_us, time_us);
  index.max_time_us = index.events == 0 ? time_us : std::max(index.max_time_us, time_us);
  index.last_seq = seq;
  ++index.events;
}

std::string IndexName(Seq first) {
  std::string name = SegmentName(first);
  name.resize(name.size() - kSegmentSuffix.size());
  return name.append(kIndexSuffix);
}

std::optional<Seq> ParseIndexName(std::string_view name) {
  if (!name.ends_with(kIndexSuffix)) return std::nullopt;
  name.remove_suffix(kIndexSuffix.size());
  return ParseSegmentName(std::string(name).append(kSegmentSuffix));
}

void EncodeIndex(std::string& out, const SegmentIndex& index) {
  const size_t start = out.size();
  out.push_back('{');
  AppendJsonName(out, "format");
  AppendJsonString(out, FormatVersion(), kMaxTextBytes);
  AppendNumber(out, "first_seq", index.first_seq);
  AppendNumber(out, "last_seq", index.last_seq);
  AppendNumber(out, "events", index.events);
  AppendNumber(out, "bytes", index.bytes);
  if (index.events != 0) {
    AppendTime(out, "min_time", index.min_time_us);
    AppendTime(out, "max_time", index.max_time_us);
  }
  AppendSum(out, start);
}

Result<SegmentIndex> DecodeIndex(std::string_view line) {
  if (!HasValidSum(line)) return Status(StatusCode::kCorrupt, "the checksum does not match");
  SegmentIndex index;
  Status read = ReadIndex(line, index);
  if (!read.ok()) return read;
  if (!IsConsistent(index)) return Status(StatusCode::kCorrupt, "its numbers cannot be right");
  return index;
}

Result<SegmentIndex> LoadIndex(FileSystem& files, const std::string& directory,
                               const Segment& segment) {
  const Result<std::string> content =
      files.ReadAll(PathIn(directory, IndexName(segment.first)), kMaxIndexBytes);
  if (!content.ok()) return content.status();
  std::string_view line = content.value();
  if (line.ends_with('\n')) line.remove_suffix(1);
  Result<SegmentIndex> index = DecodeIndex(line);
  if (index.ok() && index->first_seq != segment.first) {
    return Status(StatusCode::kCorrupt, "it was made for another segment");
  }
  return index;
}

std::optional<SegmentIndex> FindIndex(FileSystem& files, const std::string& directory,
                                      const Segment& segment) {
  const Result<SegmentIndex> index = LoadIndex(files, directory, segment);
  if (!index.ok()) return std::nullopt;
  const auto file = files.OpenRead(PathIn(directory, segment.name));
  if (!file.ok()) return std::nullopt;
  const Result<uint64_t> bytes = file.value()->Size();
  if (!bytes.ok() || bytes.value() != index->bytes) return std::nullopt;
  return index.value();
}

}  // namespace broker
