#include "replay/recording.h"

#include <utility>

#include "eventlog/segment_reader.h"
#include "eventlog/segments.h"

namespace broker {
namespace {

Result<SegmentHeader> ReadHeader(FileSystem& files, const std::string& directory,
                                 const Segment& segment) {
  auto opened = SegmentReader::Open(files, directory, segment, {});
  if (!opened.ok()) return opened.status();
  SegmentReader& reader = *opened.value();
  if (const auto first = reader.Read(); !first.ok()) return first.status();
  if (reader.Header() != nullptr) return *reader.Header();
  return Status(StatusCode::kCorrupt, "the first line of '" + PathIn(directory, segment.name) +
                                          "' is damaged, so the machine and the sessions that the "
                                          "recording begins with are not known; remove this file "
                                          "from the recording to begin with the next one");
}

Result<SegmentHeader> ReadFirstHeader(FileSystem& files, const std::string& directory) {
  const Result<std::vector<Segment>> segments = ListSegments(files, directory);
  if (!segments.ok()) return segments.status();
  if (!segments->empty()) return ReadHeader(files, directory, segments->front());
  return NoLogIn(files, directory);
}

/// The last event; 0 where there is none.
Result<Seq> ReadEnd(FileSystem& files, const std::string& directory) {
  LogReader reader(files, directory);
  Status sought = reader.SeekLast(1);
  if (!sought.ok()) return sought;
  StoredEvent last;
  const Result<LogReader::Next> next = reader.Read(last);
  if (!next.ok()) return next.status();
  return next.value() == LogReader::Next::kEvent ? last.event.seq : Seq{0};
}

}  // namespace

Recording::Recording(SegmentHeader beginning, Seq end, FileSystem& files,
                     const std::string& directory, OnDefect on_defect,
                     std::function<void(const SeqRange&)> on_missing)
    : beginning_(std::move(beginning)),
      end_(end),
      reader_(files, directory,
              [damaged = damaged_, tell = std::move(on_defect)](const LogDefect& defect) {
                ++*damaged;
                tell(defect);
              }) {
  reader_.TellOfMissing([holes = holes_, tell = std::move(on_missing)](const SeqRange& range) {
    ++*holes;
    tell(range);
  });
}

Result<std::unique_ptr<Recording>> Recording::Open(
    FileSystem& files, const std::string& directory, OnDefect on_defect,
    std::function<void(const SeqRange&)> on_missing) {
  Result<SegmentHeader> header = ReadFirstHeader(files, directory);
  if (!header.ok()) return header.status();
  const Result<Seq> end = ReadEnd(files, directory);
  if (!end.ok()) return end.status();
  std::unique_ptr<Recording> recording(new Recording(std::move(header).value(), end.value(), files,
                                                     directory, std::move(on_defect),
                                                     std::move(on_missing)));
  const Result<const StoredEvent*> first = recording->Next();
  if (!first.ok()) return first.status();
  recording->ahead_ = first.value() != nullptr;
  return recording;
}

Timestamp Recording::Start() const {
  return ahead_ ? event_.event.time : Timestamp{beginning_.created_us, 0};
}

Result<const StoredEvent*> Recording::Next() {
  if (std::exchange(ahead_, false)) return &event_;
  const Result<LogReader::Next> next = reader_.Read(event_);
  if (!next.ok()) return next.status();
  if (next.value() == LogReader::Next::kEvent) return &event_;
  if (event_.event.seq >= end_) return nullptr;
  return Status(StatusCode::kNotFound, "it had events up to " + std::to_string(end_) +
                                           " when it was opened, and ends behind " +
                                           std::to_string(event_.event.seq) +
                                           " now; was a file of it removed, or cut?");
}

}  // namespace broker
