#include "eventlog/active_segment.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "eventlog/format.h"

namespace broker {
namespace {

// A larger segment grows beyond it as it needs to.
constexpr uint64_t kMostReserved = 16ULL << 20U;

/// Without it the segment is only slower to sync. What a failing one took is given back.
Status ReserveRoom(AppendFile& file, uint64_t reserve) {
  if (file.Reserve(std::min(reserve, kMostReserved)).ok()) return {};
  return file.Truncate(file.Size());
}

Status WriteHeader(AppendFile& file, const SegmentHeader& header, uint64_t reserve) {
  std::string line;
  EncodeHeader(line, header);
  line.push_back('\n');
  Status written = file.Append(line);
  if (!written.ok()) return written;
  return ReserveRoom(file, reserve);
}

}  // namespace

Result<std::unique_ptr<ActiveSegment>> ActiveSegment::Create(FileSystem& files,
                                                             const std::string& directory,
                                                             const SegmentHeader& header,
                                                             uint64_t reserve) {
  const std::string path = PathIn(directory, SegmentName(header.first_seq));
  Status removed = files.Remove(path);
  if (!removed.ok() && removed.code() != StatusCode::kNotFound) return removed;
  Result<std::unique_ptr<AppendFile>> file = files.OpenAppend(path);
  if (!file.ok()) return file.status();
  Status written = WriteHeader(*file.value(), header, reserve);
  if (!written.ok()) {
    const Status ignored = files.Remove(path);  // Half a header is no use to anybody.
    static_cast<void>(ignored);
    return written;
  }
  SegmentIndex index;
  index.first_seq = header.first_seq;
  return std::unique_ptr<ActiveSegment>(
      new ActiveSegment(index, header.created_us, std::move(file).value()));
}

Result<std::unique_ptr<ActiveSegment>> ActiveSegment::Continue(FileSystem& files,
                                                               const std::string& directory,
                                                               const SegmentIndex& index,
                                                               int64_t created_us,
                                                               uint64_t reserve) {
  Result<std::unique_ptr<AppendFile>> file =
      files.OpenAppend(PathIn(directory, SegmentName(index.first_seq)));
  if (!file.ok()) return file.status();
  Status reserved = ReserveRoom(*file.value(), reserve);
  if (!reserved.ok()) return reserved;
  return std::unique_ptr<ActiveSegment>(
      new ActiveSegment(index, created_us, std::move(file).value()));
}

ActiveSegment::ActiveSegment(SegmentIndex index, int64_t created_us,
                             std::shared_ptr<AppendFile> file)
    : index_(index),
      first_event_(index.events == 0 ? std::numeric_limits<Seq>::max() : index.first_seq),
      created_us_(created_us),
      file_(std::move(file)) {}

Status ActiveSegment::Append(std::string_view text, const Batch& batch) {
  const uint64_t before = file_->Size();
  Status status = file_->Append(text);
  if (status.ok()) {
    first_event_ = std::min(first_event_, batch.First());
    for (const Event& event : batch.events) AddTo(index_, event.seq, event.time.realtime_us);
  } else if (status.code() == StatusCode::kCorrupt || !file_->Truncate(before).ok()) {
    usable_ = spare_room_ = false;  // What stands behind the end that is known here is not ours.
  }
  return status;
}

void ActiveSegment::Abandon() {
  usable_ = syncable_ = false;
}

SegmentIndex ActiveSegment::Index() const {
  SegmentIndex index = index_;
  index.bytes = file_->Size();
  return index;
}

}  // namespace broker
