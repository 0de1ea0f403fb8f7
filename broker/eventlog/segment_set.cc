#include "eventlog/segment_set.h"

#include <algorithm>
#include <utility>

#include "eventlog/format.h"

namespace broker {
namespace {

void WriteIndex(FileSystem& files, const std::string& directory, const SegmentIndex& index) {
  std::string line;
  EncodeIndex(line, index);
  line.push_back('\n');
  const Status ignored =
      files.Replace(PathIn(directory, IndexName(index.first_seq)), line, kSegmentMode);
  static_cast<void>(ignored);
}

}  // namespace

void GiveBackRoom(const std::vector<std::shared_ptr<AppendFile>>& files) {
  for (const std::shared_ptr<AppendFile>& file : files) {
    const Status ignored = file->Truncate(file->Size());
    static_cast<void>(ignored);
  }
}

Status Perform(FileSystem& files, const std::string& directory, const SyncWork& work) {
  for (const std::shared_ptr<AppendFile>& file : work.closed) {
    Status synced = file->Sync();
    if (!synced.ok()) return synced;
  }
  for (const std::shared_ptr<AppendFile>& file : work.left) {
    Status synced = file->Sync();
    if (!synced.ok()) return synced;
  }
  GiveBackRoom(work.closed);
  GiveBackRoom(work.spare);
  if (work.active) {
    Status synced = work.active->Sync();
    if (!synced.ok()) return synced;
  }
  if (work.directory) {
    Status synced = files.SyncDirectory(directory);
    if (!synced.ok()) return synced;
  }
  for (const SegmentIndex& index : work.indexes) WriteIndex(files, directory, index);
  return {};
}

void SegmentSet::Restore(std::vector<ClosedSegment> closed) {
  closed_ = std::move(closed);
  closed_bytes_ = 0;
  for (const ClosedSegment& segment : closed_) closed_bytes_ += segment.bytes;
}

Status SegmentSet::Continue(const SegmentIndex& index, int64_t created_us) {
  Result<std::unique_ptr<ActiveSegment>> active =
      ActiveSegment::Continue(files_, limits_.directory, index, created_us, MostBytes());
  if (!active.ok()) return active.status();
  active_ = std::move(active).value();
  return {};
}

bool SegmentSet::NeedsNew(size_t before, size_t bytes, int64_t time_us) const {
  if (!active_ || !active_->Usable()) return true;
  if (!active_->HasEvents() && before == 0) return false;
  const bool too_old =
      limits_.segment_age_us != 0 && time_us - active_->CreatedUs() >= limits_.segment_age_us;
  return too_old || active_->Bytes() + before + bytes > limits_.segment_bytes;
}

Status SegmentSet::Begin(const SegmentHeader& header) {
  // Somebody may have removed it since the log was opened.
  Status there = files_.MakeDirectories(limits_.directory, kLogDirectoryMode);
  if (!there.ok()) return there;
  Status removed = RemoveBehind(header.first_seq);
  if (!removed.ok()) return removed.Annotate("what is written again cannot be removed");
  Result<std::unique_ptr<ActiveSegment>> made =
      ActiveSegment::Create(files_, limits_.directory, header, MostBytes());
  if (!made.ok()) return made.status().Annotate("no new segment can be started");
  Close();
  if (!closed_.empty() && closed_.back().first == header.first_seq) ForgetLast();
  active_ = std::move(made).value();
  work_.directory = true;
  return {};
}

void SegmentSet::Close() {
  if (!active_) return;
  const SegmentIndex index = active_->Index();
  closed_.push_back({index.first_seq, index.bytes, index.max_time_us, active_->FirstEvent()});
  closed_bytes_ += index.bytes;
  if (active_->Usable()) {
    work_.closed.push_back(active_->File());
    work_.indexes.push_back(index);
  } else if (active_->Syncable()) {
    work_.left.push_back(active_->File());
  } else if (active_->HasSpareRoom()) {
    work_.spare.push_back(active_->File());
  }
  active_.reset();
}

/// One that stayed would hide all that is written before it and counts as far.
Status SegmentSet::RemoveBehind(Seq first) {
  if (active_ && active_->First() > first) Close();
  while (!closed_.empty() && closed_.back().first > first) {
    Status removed = files_.Remove(PathIn(limits_.directory, SegmentName(closed_.back().first)));
    if (!removed.ok() && removed.code() != StatusCode::kNotFound) return removed;
    ForgetLast();
  }
  return {};
}

void SegmentSet::ForgetLast() {
  RemoveIndex(closed_.back().first);
  closed_bytes_ -= closed_.back().bytes;
  closed_.pop_back();
}

/// Also one that is still to be written.
void SegmentSet::RemoveIndex(Seq first) {
  std::erase_if(work_.indexes,
                [first](const SegmentIndex& index) { return index.first_seq == first; });
  const Status ignored = files_.Remove(PathIn(limits_.directory, IndexName(first)));
  static_cast<void>(ignored);
}

Status SegmentSet::Append(std::string_view text, const Batch& batch) {
  return active_->Append(text, batch);
}

Seq SegmentSet::Abandon(Seq synced) {
  SyncWork left = std::exchange(work_, {});
  work_.spare = std::move(left.spare);
  work_.spare.insert(work_.spare.end(), left.closed.begin(), left.closed.end());
  Seq next = synced + 1;
  if (active_) {
    active_->Abandon();
    if (active_->FirstEvent() > synced) next = std::min(next, active_->First());
  }
  for (auto it = closed_.rbegin(); it != closed_.rend() && it->first_event > synced; ++it) {
    next = std::min(next, it->first);
  }
  return next;
}

std::vector<std::shared_ptr<AppendFile>> SegmentSet::End() {
  if (active_ && active_->Usable()) work_.spare.push_back(active_->File());
  return std::exchange(work_.spare, {});
}

SyncWork SegmentSet::TakeSyncWork(bool with_active, bool with_indexes) {
  SyncWork work = std::exchange(work_, {});
  if (!with_indexes) work_.indexes = std::exchange(work.indexes, {});
  if (with_active && active_ && active_->Syncable()) work.active = active_->File();
  return work;
}

Status SegmentSet::Trim(Seq synced) {
  const uint64_t active = active_ ? active_->Bytes() : 0;
  const uint64_t more = ActiveFirst() > synced + 1 ? limits_.segment_bytes : 0;
  while (closed_bytes_ + active > limits_.total_bytes + more && !closed_.empty()) {
    Status removed = RemoveOldest();
    if (!removed.ok()) return removed.Annotate("the log is larger than total_size lets it be");
  }
  if (!newest_us_ || ActiveFirst() > synced + 1) return {};
  Status removed = TooOld(*newest_us_) ? RemoveOldest() : Status();
  if (!removed.ok()) return removed.Annotate("the log goes back further than total_age lets it");
  newest_us_.reset();
  return {};
}

bool SegmentSet::TooOld(int64_t newest_us) const {
  if (limits_.total_age_us == 0 || closed_.empty()) return false;
  return closed_.front().max_time_us < newest_us - limits_.total_age_us;
}

Status SegmentSet::RemoveOldest() {
  const Seq first = closed_.front().first;
  Status removed = files_.Remove(PathIn(limits_.directory, SegmentName(first)));
  if (!removed.ok() && removed.code() != StatusCode::kNotFound) return removed;
  RemoveIndex(first);
  closed_bytes_ -= closed_.front().bytes;
  closed_.erase(closed_.begin());
  return {};
}

}  // namespace broker
