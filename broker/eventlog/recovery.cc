#include "eventlog/recovery.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "event/utc.h"
#include "eventlog/log_tail.h"
#include "eventlog/segment_reader.h"
#include "eventlog/session_fold.h"

namespace broker {
namespace {

/// The fold of one segment, and where it ends.
struct Scan {
  SegmentHeader header;
  bool whole_header = false;
  SegmentIndex index;
  SessionSnapshot sessions;
  int64_t last_time_us = 0;
  bool clean_end = false;
  Seq last_seq = 0;
  uint64_t damaged_lines = 0;
  uint64_t torn_at = 0;  // Where the torn tail begins…
  uint64_t torn_bytes = 0;
};

void Note(Seq seq, int64_t time_us, Scan& scan) {
  scan.last_time_us = time_us;
  AddTo(scan.index, seq, time_us);
}

/// False: the line cannot be decoded.
bool TakeLine(std::string_view line, SessionFold& sessions, Scan& scan) {
  if (const std::optional<LineHead> head = PeekHead(line)) {
    const std::optional<int64_t> time_us = ParseUtc(head->time);
    if (time_us && sessions.Take(line, *head)) {
      Note(head->seq, *time_us, scan);
      return true;
    }
  }
  const Result<Event> decoded = DecodeEvent(line);
  if (!decoded.ok()) return false;
  const Event& event = decoded.value();
  sessions.Take(line, event);
  Note(event.seq, event.time.realtime_us, scan);
  if (event.type == EventType::kBrokerStopping) scan.clean_end = true;
  if (event.type == EventType::kBrokerStarted) scan.clean_end = false;
  return true;
}

// A batch that was being written when the machine died may have left an unfinished line, or a
// finished one with holes in it. Nothing of it was ever synced, so nobody was promised it.
void FindTornTail(const SegmentReader& segment, Scan& scan) {
  const LineScanner& lines = segment.Scanner();
  if (lines.UnfinishedBytes() != 0) {
    scan.torn_at = lines.Offset();
    scan.torn_bytes = lines.UnfinishedBytes();
  } else if (segment.EndsDamaged()) {
    scan.torn_at = lines.LineStart();
    scan.torn_bytes = lines.Offset() - lines.LineStart();
    --scan.damaged_lines;
    --scan.last_seq;
  }
}

Status ReadEvents(SegmentReader& segment, SessionFold& sessions, Scan& scan) {
  bool restored = false;
  while (true) {
    const Result<SegmentReader::Next> next = segment.Read();
    if (!next.ok()) return next.status();
    if (!restored && segment.Header() != nullptr) {
      sessions.Restore(segment.Header()->sessions);
      restored = true;
    }
    if (next.value() == SegmentReader::Next::kEnd) return {};
    if (!TakeLine(segment.Line(), sessions, scan)) segment.ReportLine("it cannot be decoded");
  }
}

/// `end` is the first seq of the segment behind, 0 for the last one; `before` what the sessions
/// were before it, should its header not say so.
Result<Scan> ScanSegment(FileSystem& files, const std::string& directory, const Segment& segment,
                         Seq end, const SessionSnapshot& before = {}) {
  Scan scan;
  scan.index.first_seq = segment.first;
  const auto opened = SegmentReader::Open(files, directory, segment,
                                          [&scan](const LogDefect&) { ++scan.damaged_lines; });
  if (!opened.ok()) return opened.status();
  SegmentReader& reader = *opened.value();
  reader.EndBefore(end);
  SessionFold sessions;
  sessions.Restore(before);
  Status read = ReadEvents(reader, sessions, scan);
  if (!read.ok()) return read;
  if (reader.Header() != nullptr) {
    scan.header = *reader.Header();
    scan.whole_header = true;
  }
  scan.last_seq = reader.Due() - 1;
  FindTornTail(reader, scan);
  scan.index.bytes = scan.torn_bytes == 0 ? reader.Scanner().Offset() : scan.torn_at;
  scan.sessions = sessions.Finish(scan.damaged_lines);
  scan.sessions.as_of = scan.last_seq;
  return scan;
}

Status CutTail(FileSystem& files, const std::string& path, uint64_t size) {
  Result<std::unique_ptr<AppendFile>> file = files.OpenAppend(path);
  if (!file.ok()) return file.status();
  Status cut = file.value()->Truncate(size);
  return cut.ok() ? file.value()->Sync() : cut;
}

/// When a segment's last event happened, by its index.
int64_t NewestIn(FileSystem& files, const std::string& directory, const Segment& segment) {
  const Result<SegmentIndex> index = LoadIndex(files, directory, segment);
  return index.ok() ? index->max_time_us : ClosedSegment().max_time_us;
}

Result<std::vector<ClosedSegment>> ListClosed(FileSystem& files, const std::string& directory) {
  const Result<std::vector<Segment>> segments = ListSegments(files, directory);
  if (!segments.ok()) return segments.status();
  std::vector<ClosedSegment> closed;
  for (const Segment& segment : segments.value()) {
    const auto file = files.OpenRead(PathIn(directory, segment.name));
    if (!file.ok()) return file.status();
    const Result<uint64_t> bytes = file.value()->Size();
    if (!bytes.ok()) return bytes.status();
    closed.push_back({segment.first, bytes.value(), NewestIn(files, directory, segment)});
  }
  return closed;
}

/// A segment whose times nobody knows is taken to be as old as the one behind it.
void GuessAges(std::vector<ClosedSegment>& closed) {
  constexpr int64_t kUnknown = ClosedSegment().max_time_us;
  for (size_t i = closed.size() - 1; i > 0; --i) {
    if (closed[i - 1].max_time_us == kUnknown) closed[i - 1].max_time_us = closed[i].max_time_us;
  }
}

/// The last segment. One whose header was not written in time, or is damaged, goes on from what
/// those before it amount to: else their sessions would be forgotten.
Result<Scan> ScanLast(FileSystem& files, const std::string& directory,
                      const std::vector<ClosedSegment>& closed) {
  const auto scan_at = [&](size_t i, const SessionSnapshot& before) {
    const Seq end = i + 1 < closed.size() ? closed[i + 1].first : 0;
    const Seq first = closed[i].first;
    return ScanSegment(files, directory, {first, SegmentName(first)}, end, before);
  };
  size_t at = closed.size() - 1;
  Result<Scan> scan = scan_at(at, {});
  while (scan.ok() && !scan->whole_header && at > 0) scan = scan_at(--at, {});
  while (scan.ok() && ++at < closed.size()) {
    const SessionSnapshot before = std::move(scan->sessions);
    scan = scan_at(at, before);
  }
  return scan;
}

/// What a last segment that has no events, or no header, leaves open is in those before it.
Status AskOlderSegments(FileSystem& files, const std::string& directory, LogEnd& end,
                        LogRecovery& recovery) {
  bool has_events = end.index.events != 0;
  for (size_t i = end.closed.size() - 1; i > 0 && (!has_events || end.log_id.empty()); --i) {
    const Seq first = end.closed[i - 1].first;
    const Result<Scan> scan =
        ScanSegment(files, directory, {first, SegmentName(first)}, end.closed[i].first);
    if (!scan.ok()) return scan.status();
    if (end.log_id.empty()) end.log_id = scan->header.log_id;
    if (has_events || scan->index.events == 0) continue;
    has_events = true;
    recovery.last_time_us = scan->last_time_us;
    recovery.clean_end = scan->clean_end;
  }
  return {};
}

/// The last writer may have been killed before it synced what it wrote. What is handed out from now
/// on is taken to be on the disk; whether it is, is the answer.
Result<bool> SyncTail(FileSystem& files, const std::string& directory, const LogTail& tail) {
  for (const TailSegment& segment : tail.segments) {
    Result<std::unique_ptr<AppendFile>> file =
        files.OpenAppend(PathIn(directory, SegmentName(segment.index.first_seq)));
    if (!file.ok()) return file.status();
    Status cut;
    if (segment.torn_bytes != 0) cut = file.value()->Truncate(segment.index.bytes);
    if (!cut.ok() || !file.value()->Sync().ok()) return false;
    if (&segment != &tail.segments.back()) GiveBackRoom({std::move(file).value()});
  }
  return files.SyncDirectory(directory).ok();
}

Status TakeTail(FileSystem& files, const std::string& directory, LogEnd& end,
                LogRecovery& recovery) {
  std::vector<Segment> segments;
  for (const ClosedSegment& closed : end.closed) {
    segments.push_back({closed.first, SegmentName(closed.first)});
  }
  Result<LogTail> tail = ReadTail(files, directory, segments);
  if (!tail.ok()) return tail.status();
  end.last_seq = tail->last_seq;
  end.next_seq = std::max(tail->last_seq + 1, segments.back().first);
  end.lost = std::move(tail->lost);
  const Result<bool> synced = SyncTail(files, directory, tail.value());
  if (!synced.ok()) return synced.status();
  end.synced = synced.value();
  tail->segments.pop_back();
  for (const TailSegment& segment : tail->segments) {
    if (segment.whole) end.closed_unindexed.push_back(segment.index);
    if (segment.torn_bytes == 0) continue;
    recovery.torn_bytes += segment.torn_bytes;
    recovery.torn_file = SegmentName(segment.index.first_seq);
  }
  return {};
}

}  // namespace

Result<Seq> LastEventIn(FileSystem& files, const std::string& directory, const Segment& segment) {
  bool damaged = false;
  const auto opened = SegmentReader::Open(files, directory, segment,
                                          [&damaged](const LogDefect&) { damaged = true; });
  if (opened.status().code() == StatusCode::kNotFound) return Seq{0};
  if (!opened.ok()) return opened.status();
  Seq last = 0;
  while (true) {
    const Result<SegmentReader::Next> next = opened.value()->Read();
    if (!next.ok()) return next.status();
    if (damaged || next.value() == SegmentReader::Next::kEnd) return last;
    last = opened.value()->LineSeq();
  }
}

Result<LogEnd> RecoverLog(FileSystem& files, const std::string& directory, LogRecovery& recovery) {
  recovery = {};
  LogEnd end;
  Result<std::vector<ClosedSegment>> closed = ListClosed(files, directory);
  if (!closed.ok()) return closed.status();
  end.closed = std::move(closed).value();
  if (end.closed.empty()) {
    // A writer that was killed may have left a name that is not durable: of the reserved numbers.
    end.synced = files.SyncDirectory(directory).ok();
    return end;
  }
  ClosedSegment& last = end.closed.back();
  const std::string name = SegmentName(last.first);
  Result<Scan> scan = ScanLast(files, directory, end.closed);
  if (!scan.ok()) return scan.status();
  if (scan->torn_bytes != 0) {
    Status cut = CutTail(files, PathIn(directory, name), scan->torn_at);
    if (!cut.ok()) return cut.Annotate("a torn line cannot be cut off");
    recovery.torn_file = name;
  }
  last.bytes = scan->index.bytes;
  last.max_time_us = scan->index.events != 0 ? scan->index.max_time_us : scan->header.created_us;
  GuessAges(end.closed);
  end.log_id = scan->header.log_id;
  end.whole_header = scan->whole_header;
  end.index = scan->index;
  recovery.sessions = std::move(scan->sessions);
  recovery.boot_id = scan->header.boot_id;
  recovery.last_time_us = scan->last_time_us;
  recovery.clean_end = scan->clean_end;
  recovery.torn_bytes = scan->torn_bytes;
  recovery.damaged_lines = scan->damaged_lines;
  end.header = std::move(scan->header);
  Status asked = AskOlderSegments(files, directory, end, recovery);
  if (asked.ok()) asked = TakeTail(files, directory, end, recovery);
  if (!asked.ok()) return asked;
  return end;
}

}  // namespace broker
