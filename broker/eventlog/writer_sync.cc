#include <algorithm>
#include <utility>

#include "eventlog/writer_impl.h"

namespace broker {

using std::chrono::steady_clock;

// Half of the numbers reserved last, used up within this time.
constexpr std::chrono::seconds kStorm{1};

bool LogWriter::Impl::SyncIsDue() const {
  if (written_ == synced_) return false;
  if (synced_ < sync_soon_) return true;
  if (options_.sync == SyncMode::kNever) return false;
  // The ring is to have what a failing sync may lose.
  return Always() || unsynced_bytes_ >= options_.ring_bytes / 2 ||
         steady_clock::now() - last_sync_ >= options_.sync_interval;
}

/// Up to which number it is to be seen to now that all are reserved; 0 = there is no need.
Seq LogWriter::Impl::ToReserve() const {
  const Seq more = MoreToReserve();
  return more == 0 && LookIsDue() ? reserved_ : more;
}

/// Somebody may have removed the file since it was written.
bool LogWriter::Impl::LookIsDue() const {
  if (!unreserved_.empty()) return steady_clock::now() >= reserve_at_;
  if (must_look_) return true;
  return numbered_ != looked_at_ && steady_clock::now() - last_look_ >= options_.look;
}

/// The end of the numbers to be reserved now; 0 = there are enough. In a storm more are taken at a
/// time, and the next ones while half of them are left: nobody waits for the disk.
Seq LogWriter::Impl::MoreToReserve() const {
  if (numbered_ + reserve_step_ / 2 < reserved_) return 0;
  const TimePoint now = steady_clock::now();
  if (now < reserve_at_) return 0;
  const bool storm = now - last_reserve_ < kStorm || numbered_ + 1 >= reserved_;
  const Seq end = numbered_ + 1 + (storm ? kMostBlocks : 1) * Reservation::kBlock;
  return end > reserved_ ? end : 0;
}

/// What waits to be written. A new segment gets one batch, behind which its size is known.
LogWriter::Impl::Writing LogWriter::Impl::ToWrite(const Sessions& sessions) {
  Writing writing;
  if (!Always() || !MayWrite()) return writing;
  if (written_ == numbered_) RecordGaps();
  size_t before = 0;
  for (Seq seq = written_; seq < numbered_ && !writing.header;) {
    BatchRef batch = ring_.Find(seq + 1);
    const int64_t time_us = batch->events.front().time.realtime_us;
    if (segments_->NeedsNew(before, batch->text.size(), time_us)) {
      // A segment's header has the sessions as of its beginning: they are known once all before is
      // delivered.
      if (!writing.Empty() || (!behind_ && delivered_ < written_)) return writing;
      writing.header = HeaderBefore(*batch, sessions);
    }
    std::string room;
    writing.texts.emplace_back(FileText(*batch, room));
    before += batch->text.size();
    seq = batch->Last();
    writing.batches.push_back(std::move(batch));
  }
  return writing;
}

void LogWriter::Impl::Job::operator()() {
  Write();
  const bool written = outcome->written_through != 0;
  if (written) work = segments->TakeSyncWork(true, indexes);
  if (!work.Empty()) outcome->synced = Perform(files, directory, work);
  if (written && outcome->synced.ok()) {
    outcome->trimmed = segments->Trim(outcome->written_through);
  }
  if (reserve == 0) return;
  outcome->reserved = is_look ? reservation.Keep(reserve) : reservation.Save(reserve);
}

void LogWriter::Impl::Job::Write() {
  if (writing.header) {
    outcome->written = segments->Begin(*writing.header);
    if (!outcome->written.ok()) return;
    outcome->begun = true;
    segments->SetNewest(writing.header->created_us);
  }
  for (size_t i = 0; i < writing.batches.size(); ++i) {
    outcome->written = segments->Append(writing.texts[i], *writing.batches[i]);
    if (!outcome->written.ok()) return;
    outcome->written_through = writing.batches[i]->Last();
  }
}

void LogWriter::Impl::BeginSync(bool at_once, const Sessions& sessions) {
  if (syncing_) return;
  Job job{files_, options_.directory, reservation_, segments_, ToWrite(sessions)};
  const bool active = !job.writing.Empty() || SyncIsDue() || (at_once && written_ > synced_);
  // Of a segment with an index the next start asks no more what is missing there.
  job.indexes = gaps_.Settled();
  if (job.writing.Empty() && (active || segments_->HasClosedWork(job.indexes))) {
    job.work = segments_->TakeSyncWork(active, job.indexes);
  }
  job.reserve = ToReserve();
  job.is_look = job.reserve == reserved_ && unreserved_.empty();
  if (job.Empty()) return;
  Syncing next{job.writing.batches, 0, active ? written_ : synced_, job.reserve, job.outcome};
  const bool closed = !job.work.closed.empty() || !job.work.left.empty();
  if (!active && closed) next.through = segments_->ActiveFirst() - 1;
  if (active) {
    last_sync_ = steady_clock::now();
    unsynced_bytes_ = 0;
  }
  if (job.reserve != 0) NoteLook(job.reserve);
  sync_.Begin(std::move(job));
  syncing_ = std::move(next);
}

/// The numbers up to this one are being seen to.
void LogWriter::Impl::NoteLook(Seq reserve) {
  last_look_ = steady_clock::now();
  looked_at_ = numbered_;
  must_look_ = false;
  if (reserve <= reserved_) return;
  reserve_step_ = reserve - numbered_ - 1;
  last_reserve_ = last_look_;
}

void LogWriter::Impl::FinishSync(const Sessions& sessions) {
  if (!syncing_ || sync_.BusySince()) return;
  Syncing done = *std::exchange(syncing_, std::nullopt);
  const Syncing::Outcome& outcome = *done.outcome;
  if (done.reserve != 0) NoteReserved(outcome.reserved, done.reserve);
  if (outcome.begun) begin_at_ = std::numeric_limits<Seq>::max();
  if (!outcome.synced.ok()) {
    GiveUpUnsynced();
    ApplyOf(done, written_);
    return Fail(outcome.synced, sessions, std::chrono::milliseconds(0));
  }
  TakeWritten(done);
  synced_ = std::max(synced_, std::min(done.through, written_));
  NoteDurable(std::min(done.through, written_));
  gaps_.Settle(synced_);
  if (!Always()) done.outcome->trimmed = segments_->Trim(synced_);
  if (outcome.trimmed) untrimmed_ = outcome.trimmed->message();
  if (outcome.written.code() == StatusCode::kCorrupt) {
    // Somebody else changed the file, and nothing was written: a new one takes it at once.
    KeepSessions(sessions);
    Repair();
  } else if (!outcome.written.ok()) {
    Fail(outcome.written, sessions, options_.retry);
  } else if (Always()) {
    NoteRecovery();
  }
}

void LogWriter::Impl::NoteReserved(const Status& reserved, Seq end) {
  unreserved_ = reserved.message();
  if (reserved.ok()) {
    reserved_ = std::max(reserved_, end);
  } else {
    reserve_at_ = steady_clock::now() + options_.retry;
  }
}

/// A number that was given up counts as synced, but readers may not come to stand there: the log
/// would end before them, should the power be lost before the log.gap is on the disk.
void LogWriter::Impl::NoteDurable(Seq through) {
  if (through > gaps_.Last()) durable_ = std::max(durable_, through);
}

/// What the disk's thread has written; what it has not, and the ring has no more, is lost.
void LogWriter::Impl::TakeWritten(Syncing& done) {
  if (done.batches.empty()) return;
  done.through = std::max(done.through, done.outcome->written_through);
  Seq through = done.through;
  if (!done.outcome->written.ok()) {
    LeaveHalfWritten(through + 1);
    const Seq kept = std::min(ring_.First() - 1, done.batches.back()->Last());
    if (kept > through) lost_ += gaps_.GiveUp(through + 1, kept, "not written in time");
    through = std::max(through, kept);
  }
  ApplyOf(done, through);
  written_ = std::max(written_, through);
}

/// Those of a job's batches that behind_ does not show yet.
void LogWriter::Impl::ApplyOf(Syncing& job, Seq through) {
  while (job.applied < job.batches.size() && job.batches[job.applied]->Last() <= through) {
    Apply(*job.batches[job.applied++]);
  }
}

}  // namespace broker
