#include <algorithm>
#include <utility>

#include "eventlog/writer_impl.h"

namespace broker {

using std::chrono::steady_clock;

SegmentHeader LogWriter::Impl::HeaderOf(Seq first, int64_t created_us,
                                        SessionSnapshot sessions) const {
  SegmentHeader header;
  header.log_id = log_id_;
  header.machine_id = machine_.machine_id;
  header.boot_id = machine_.boot_id;
  header.first_seq = first;
  header.created_us = created_us;
  header.sessions = std::move(sessions);
  return header;
}

bool LogWriter::Impl::Overdue() const {
  const auto since = sync_.BusySince();
  return since && steady_clock::now() - *since >= options_.slow_sync;
}

/// With `always` a batch is written when the one before is on the disk: until then others join it.
bool LogWriter::Impl::MayWrite() const {
  if (!trouble_.empty() && steady_clock::now() < retry_at_) return false;
  return !Always() || !syncing_;
}

/// Unless the disk's thread does it: that costs two changes of threads, which only a sync is worth.
void LogWriter::Impl::WriteSelf(const Sessions& sessions) {
  if (Always()) return;
  writing_since_ = steady_clock::now();
  Write(sessions);
  writing_since_ = TimePoint();
}

void LogWriter::Impl::Write(const Sessions& sessions) {
  while (MayWrite()) {
    if (written_ == numbered_) RecordGaps();
    if (written_ == numbered_) return;
    const BatchRef batch = ring_.Find(written_ + 1);
    const int64_t time_us = batch->events.front().time.realtime_us;
    const bool needs_new = segments_->NeedsNew(0, batch->text.size(), time_us);
    // A segment's header has the sessions as of its beginning: they are known once all before is
    // delivered.
    if (needs_new && !behind_ && delivered_ < written_) return;
    Status written = needs_new ? BeginSegment(*batch, sessions) : Status();
    if (written.ok()) written = WriteBatch(*batch, sessions);
    if (!written.ok()) return Fail(written, sessions, options_.retry);
  }
}

Status LogWriter::Impl::WriteBatch(const Batch& batch, const Sessions& sessions) {
  Status written = segments_->Append(FileText(batch, lines_), batch);
  if (written.code() == StatusCode::kCorrupt) {
    // Somebody else changed the file, and nothing was written: a new one takes it at once.
    KeepSessions(sessions);
    Repair();
    return {};
  }
  if (!written.ok()) {
    LeaveHalfWritten(batch.First());
    return written;
  }
  written_ = batch.Last();
  unsynced_bytes_ += batch.Bytes();
  Apply(batch);
  untrimmed_ = segments_->Trim(synced_).message();
  NoteRecovery();
  return {};
}

Status LogWriter::Impl::BeginSegment(const Batch& batch, const Sessions& sessions) {
  Status begun = segments_->Begin(HeaderBefore(batch, sessions));
  if (!begun.ok()) return begun;
  begin_at_ = std::numeric_limits<Seq>::max();
  segments_->SetNewest(batch.events.front().time.realtime_us);
  return {};
}

SegmentHeader LogWriter::Impl::HeaderBefore(const Batch& batch, const Sessions& sessions) const {
  return HeaderOf(
      std::min(batch.First(), begin_at_), batch.events.front().time.realtime_us,
      behind_ ? SessionSnapshot{behind_->All(), behind_->Seats(), written_} : sessions());
}

/// Whole lines may stand behind the known end of the segment at work. Should the ring lose those
/// events before they are written again, they count as lost: the next segment begins before them.
void LogWriter::Impl::LeaveHalfWritten(Seq first) {
  if (segments_->HasLeftovers()) begin_at_ = std::min(begin_at_, first);
}

/// Another process cut, changed or removed the segment at work: what it lost is written again as
/// far as the ring has it.
void LogWriter::Impl::Repair() {
  must_look_ = true;
  const Seq intact = std::min(LastIntact(), written_);
  begin_at_ = std::min(begin_at_, intact + 1);
  if (syncing_) syncing_->through = std::min(syncing_->through, intact);
  const Seq kept = std::max(intact, ring_.First() - 1);
  if (kept > intact) lost_ += gaps_.GiveUp(intact + 1, kept, "changed by another process");
  written_ = kept;
  synced_ = std::min(synced_, kept);
  durable_ = std::min(durable_, intact);
}

/// The last event before which nothing is missing in the segment at work.
Seq LogWriter::Impl::LastIntact() const {
  const Seq first = segments_->ActiveFirst();
  const Result<Seq> last = LastEventIn(files_, options_.directory, {first, SegmentName(first)});
  return last.ok() ? std::max(last.value(), first - 1) : first - 1;
}

void LogWriter::Impl::RecordGaps() {
  if (!gaps_.Empty() && last_time_.realtime_us != 0) Number(TakeGaps(last_time_));
}

void LogWriter::Impl::Fail(const Status& trouble, const Sessions& sessions,
                           std::chrono::milliseconds retry) {
  trouble_ = trouble.message();
  retry_at_ = steady_clock::now() + retry;
  KeepSessions(sessions);
}

/// From now on the pipeline's sessions run ahead of what is written.
void LogWriter::Impl::KeepSessions(const Sessions& sessions) {
  if (behind_) return;
  behind_.emplace().Restore(sessions());
  for (Seq seq = delivered_; seq < written_;) {
    const BatchRef batch = ring_.Find(seq + 1);
    Apply(*batch);
    seq = batch->Last();
  }
}

void LogWriter::Impl::Apply(const Batch& batch) {
  if (!behind_) return;
  for (const Event& event : batch.events) behind_->Apply(event);
}

/// The kernel may have dropped pages that it calls clean now: a new segment takes all that is not
/// known to be on the disk, as far as the ring has it.
void LogWriter::Impl::GiveUpUnsynced() {
  must_look_ = true;  // The directory may be gone.
  begin_at_ = std::min(begin_at_, segments_->Abandon(synced_));
  const Seq kept = std::max(synced_, ring_.First() - 1);
  if (kept > synced_) lost_ += gaps_.GiveUp(synced_ + 1, kept, "a sync failed");
  synced_ = written_ = kept;
}

void LogWriter::Impl::NoteRecovery() {
  if ((Always() ? synced_ : written_) < delivered_) return;
  trouble_.clear();
  behind_.reset();
}

}  // namespace broker
