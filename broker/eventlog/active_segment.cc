#include "eventlog/active_segment.h"

#include <utility>

#include "eventlog/format.h"

namespace broker {

Result<std::unique_ptr<ActiveSegment>> ActiveSegment::Create(FileSystem& files,
                                                             const std::string& directory,
                                                             const SegmentHeader& header) {
  std::string line;
  EncodeHeader(line, header);
  line.push_back('\n');
  const Segment segment{header.first_seq, SegmentName(header.first_seq)};
  Status made = files.Replace(PathIn(directory, segment.name), line, kSegmentMode);
  if (!made.ok()) return made;
  return Continue(files, directory, segment, false);
}

Result<std::unique_ptr<ActiveSegment>> ActiveSegment::Continue(FileSystem& files,
                                                               const std::string& directory,
                                                               const Segment& segment,
                                                               bool has_events) {
  Result<std::unique_ptr<AppendFile>> file = files.OpenAppend(PathIn(directory, segment.name));
  if (!file.ok()) return file.status();
  return std::unique_ptr<ActiveSegment>(
      new ActiveSegment(segment, std::move(file).value(), has_events));
}

ActiveSegment::ActiveSegment(Segment segment, std::unique_ptr<AppendFile> file, bool has_events)
    : segment_(std::move(segment)), file_(std::move(file)), has_events_(has_events) {}

Status ActiveSegment::Append(std::string_view block, size_t* visible) {
  const uint64_t before = file_->Size();
  *visible = 0;
  Status status = file_->Append(block);
  if (status.code() == StatusCode::kCorrupt) {
    usable_ = false;
    return status;
  }
  const bool unsynced = status.ok();
  if (unsynced) status = file_->Sync();
  if (status.ok()) {
    has_events_ = true;
    return status;
  }
  *visible = static_cast<size_t>(file_->Size() - before);
  const Status taken_back = file_->Truncate(before);
  // After a failed sync the kernel may have dropped pages it calls clean now. The header alone was
  // synced before, and what comes next dirties its page anew.
  if (!taken_back.ok() || (unsynced && has_events_)) usable_ = false;
  return status;
}

}  // namespace broker
