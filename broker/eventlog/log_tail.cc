#include "eventlog/log_tail.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "event/utc.h"
#include "eventlog/codec.h"
#include "eventlog/line.h"
#include "eventlog/segment_reader.h"

namespace broker {
namespace {

class TailReader {
 public:
  TailReader(FileSystem& files, const std::string& directory)
      : files_(files), directory_(directory) {}

  Result<LogTail> Run(const std::vector<Segment>& segments);

 private:
  size_t FindStart(const std::vector<Segment>& segments);
  Status Read(const Segment& segment, Seq end);
  Status TakeEvent(const SegmentReader& reader, SegmentIndex& index);
  void CountNumber(const SegmentReader& reader);

  FileSystem& files_;
  const std::string& directory_;
  Seq begin_ = 0;  // Of what is before, nothing is looked for.
  Seq due_ = 0;
  uint64_t damaged_ = 0;  // Lines that could not be read since the last event.
  Holes holes_;
  LogTail tail_;
};

Result<LogTail> TailReader::Run(const std::vector<Segment>& segments) {
  for (size_t i = FindStart(segments); i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    Status read = Read(segments[i], last ? 0 : segments[i + 1].first);
    if (!read.ok()) return read;
  }
  tail_.lost = holes_.UnrecordedRanges();
  return std::move(tail_);
}

/// The first segment to be read; sets what is due there.
size_t TailReader::FindStart(const std::vector<Segment>& segments) {
  for (size_t i = segments.size() - 1; i > 0; --i) {
    const std::optional<SegmentIndex> index = FindIndex(files_, directory_, segments[i - 1]);
    if (!index || index->events == 0) continue;
    begin_ = due_ = index->last_seq + 1;
    return i;
  }
  begin_ = due_ = segments.front().first;
  return 0;
}

/// `end` is the first seq of the segment behind, 0 for the last one.
Status TailReader::Read(const Segment& segment, Seq end) {
  TailSegment found;
  found.index.first_seq = segment.first;
  const auto opened =
      SegmentReader::Open(files_, directory_, segment, [&](const LogDefect& defect) {
        if (defect.line > 1) ++damaged_;
        found.whole = false;
      });
  if (!opened.ok()) return opened.status();
  SegmentReader& reader = *opened.value();
  reader.EndBefore(end);
  while (true) {
    const Result<SegmentReader::Next> next = reader.Read();
    if (!next.ok()) return next.status();
    if (next.value() == SegmentReader::Next::kEnd) break;
    if (!TakeEvent(reader, found.index).ok()) found.whole = false;
  }
  found.whole = found.whole && reader.Header() != nullptr;
  // Damaged lines at the end stand for a number each.
  const Seq behind = reader.Due() - std::max(segment.first, reader.LineSeq() + 1);
  tail_.last_seq = due_ - 1 + behind;
  const LineScanner& lines = reader.Scanner();
  if (!reader.IsBehindEnd()) found.torn_bytes = lines.UnfinishedBytes();
  found.index.bytes = lines.Offset() + lines.UnfinishedBytes() - found.torn_bytes;
  tail_.segments.push_back(found);
  return {};
}

Status TailReader::TakeEvent(const SegmentReader& reader, SegmentIndex& index) {
  CountNumber(reader);
  const std::optional<LineHead> head = PeekHead(reader.Line());
  if (head && head->type != Name(EventType::kLogGap)) {
    if (const std::optional<int64_t> time_us = ParseUtc(head->time)) {
      AddTo(index, head->seq, *time_us);
      return {};
    }
  }
  const Result<Event> event = DecodeEvent(reader.Line());
  if (!event.ok()) return event.status();
  AddTo(index, event->seq, event->time.realtime_us);
  if (event->type != EventType::kLogGap) return {};
  const std::optional<SeqRange> range = RangeOf(event.value());
  if (range && range->to >= begin_) holes_.Record({std::max(range->from, begin_), range->to});
  return {};
}

void TailReader::CountNumber(const SegmentReader& reader) {
  const Seq seq = reader.LineSeq();
  if (seq > due_) {
    holes_.Add({due_, seq - 1}, damaged_,
               {reader.File().name, reader.Scanner().Number(), due_, {}});
  }
  due_ = seq + 1;
  damaged_ = 0;
}

}  // namespace

Result<LogTail> ReadTail(FileSystem& files, const std::string& directory,
                         const std::vector<Segment>& segments) {
  return TailReader(files, directory).Run(segments);
}

}  // namespace broker
