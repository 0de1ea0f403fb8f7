#include "eventlog/writer.h"

#include <algorithm>
#include <random>
#include <utility>

#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/json_text.h"
#include "eventlog/recovery.h"
#include "eventlog/reservation.h"
#include "eventlog/segment_set.h"
#include "eventlog/sync_thread.h"

namespace broker {
namespace {

using std::chrono::steady_clock;
using TimePoint = steady_clock::time_point;

// A sync that fails at the end is followed by one attempt on a new segment.
constexpr int kCloseRounds = 3;

// How many blocks of numbers are reserved at once, and how many numbers are thus ever reserved ahead.
constexpr Seq kMostBlocks = 16;
constexpr Seq kMostReserved = (kMostBlocks + 1) * Reservation::kBlock;

// Room that a batch's text has beyond what is expected: for the pen that writes it, too.
constexpr size_t kLineSlack = 8192;

std::string NewLogId() {
  std::random_device random;
  std::string id;
  for (int half = 0; half < 2; ++half) {
    const uint64_t high = random();
    AppendHex64(id, (high << 32U) | random());
  }
  return id;
}

/// Numbers that no line of the log has, to be recorded.
struct Gap {
  Seq from = 0;
  Seq to = 0;
  const char* reason = "";
};

Event MakeGapEvent(const Gap& gap, Timestamp time) {
  Event event =
      MakeBrokerEvent(EventType::kLogGap, time,
                      {{"from", std::to_string(gap.from)}, {"to", std::to_string(gap.to)}});
  event.reason = gap.reason;
  return event;
}

/// Whether this version may go on, in this boot, with a segment that has this header.
bool MayContinue(const SegmentHeader& header, const Machine& machine) {
  return header.boot_id == machine.boot_id && header.machine_id == machine.machine_id &&
         header.major == kLogFormatMajor && header.minor == kLogFormatMinor;
}

/// What may be over by itself: then the broker had better begin than not.
bool MayPass(const Status& status) {
  return status.code() == StatusCode::kNoSpace || status.code() == StatusCode::kIo;
}

SegmentLimits LimitsOf(const LogOptions& options) {
  return {options.directory, options.segment_bytes, options.total_bytes, options.segment_age_us,
          options.total_age_us};
}

}  // namespace

class LogWriter::Impl {
 public:
  Impl(FileSystem& files, LogOptions options, Machine machine)
      : files_(files),
        options_(std::move(options)),
        machine_(std::move(machine)),
        boot_id_(std::make_shared<const std::string>(machine_.boot_id)),
        reservation_(files, options_.directory),
        segments_(files, LimitsOf(options_)) {}

  Status Open(LogRecovery& recovery);
  void CallOnNews(std::function<void()> on_news) { sync_.CallWhenDone(std::move(on_news)); }
  void Append(std::vector<Event> events);
  std::vector<BatchRef> Advance(const Sessions& sessions);
  [[nodiscard]] bool Full() const;
  [[nodiscard]] TimePoint Deadline() const;
  bool Close(TimePoint deadline);
  [[nodiscard]] LogHealth Health() const;
  [[nodiscard]] Seq LastSeq() const { return numbered_; }
  [[nodiscard]] const EventRing& Ring() const { return ring_; }

 private:
  /// What the sync thread is at, and what came of it.
  struct Syncing {
    struct Outcome {
      Status synced;
      Status reserved;
    };
    Seq through = 0;     ///< What is on the disk once it is done.
    Seq reserve = 0;     ///< What is reserved then; 0 = nothing new.
    bool stale = false;  ///< What it syncs is not the log's any more.
    std::shared_ptr<Outcome> outcome;
  };

  Status ContinueOrStart(LogEnd end, const SessionSnapshot& sessions);
  [[nodiscard]] SegmentHeader HeaderOf(Seq first, int64_t created_us,
                                       SessionSnapshot sessions) const;
  Status StartNumbers(const LogEnd& end, LogRecovery& recovery);
  [[nodiscard]] bool Always() const { return options_.sync == SyncMode::kAlways; }
  [[nodiscard]] bool Overdue() const;
  [[nodiscard]] bool Degraded() const { return !trouble_.empty() || Overdue(); }
  [[nodiscard]] bool MayWrite() const;
  [[nodiscard]] Seq Deliverable() const;

  void Number(std::vector<Event> events);
  void Write(const Sessions& sessions);
  Status WriteBatch(const Batch& batch, const Sessions& sessions);
  Status BeginSegment(const Batch& batch, const Sessions& sessions);
  void Repair();
  [[nodiscard]] Seq LastIntact() const;
  void RecordGaps();
  void Fail(const Status& trouble, const Sessions& sessions, std::chrono::milliseconds retry);
  void KeepSessions(const Sessions& sessions);
  void Apply(const Batch& batch);

  void BeginSync(bool at_once);
  [[nodiscard]] bool SyncIsDue() const;
  [[nodiscard]] Seq ToReserve() const;
  void FinishSync(const Sessions& sessions);
  void NoteRecovery();

  void TrimRing();
  void GiveUp(const Batch& batch);
  std::vector<BatchRef> TakeDeliverable();

  FileSystem& files_;
  const LogOptions options_;
  const Machine machine_;
  const std::shared_ptr<const std::string> boot_id_;
  std::string log_id_;
  const Reservation reservation_;
  SegmentSet segments_;
  EventRing ring_;

  // How far the events have come; a batch is never beyond one of these in part.
  Seq numbered_ = 0;          ///< Numbers given.
  Seq written_ = 0;           ///< Handed to the kernel, or given up.
  Seq synced_ = 0;            ///< On the disk, or given up.
  Seq delivered_ = 0;         ///< Returned by Advance.
  Seq reserved_ = 0;          ///< Numbers below this one may be given.
  TimePoint reserve_at_;      ///< Not before this are more of them reserved.
  size_t line_bytes_ = 0;     ///< What an event took, on average, of the last batch.
  size_t waiting_bytes_ = 0;  ///< Of what is not delivered yet.
  Timestamp last_time_;

  std::vector<Gap> gaps_;  ///< To be recorded.
  uint64_t lost_ = 0;
  std::string trouble_;
  TimePoint retry_at_;
  /// While in trouble: the sessions as of written_. Those of the pipeline are ahead of it.
  std::optional<SessionTable> behind_;

  std::optional<Syncing> syncing_;
  bool sync_at_start_ = true;  ///< The last broker may have left something unsynced.
  TimePoint last_sync_ = steady_clock::now();
  std::string lines_;  ///< Kept for its room.
  SyncThread sync_;    ///< Last: its thread ends first.
};

Status LogWriter::Impl::Open(LogRecovery& recovery) {
  Status made = files_.MakeDirectories(options_.directory, kLogDirectoryMode);
  if (!made.ok()) return made;
  LogRecovery found;
  Result<LogEnd> end = RecoverLog(files_, options_.directory, found);
  if (!end.ok()) return end.status();
  log_id_ = end->log_id.empty() ? NewLogId() : end->log_id;
  Status numbers = StartNumbers(end.value(), found);
  if (!numbers.ok()) return numbers;
  Status started = ContinueOrStart(std::move(end).value(), found.sessions);
  if (!started.ok() && !MayPass(started)) return started;
  if (!started.ok())
    Fail(
        started, [&found] { return found.sessions; }, options_.retry);
  segments_.Trim(false, 0);
  recovery = std::move(found);
  return {};
}

/// Numbering goes on behind all that may have been given.
Status LogWriter::Impl::StartNumbers(const LogEnd& end, LogRecovery& recovery) {
  if (end.next_seq > kMaxSeq) {
    return {StatusCode::kInvalid, "the last segment in '" + options_.directory + "' counts to " +
                                      std::to_string(end.next_seq - 1) +
                                      ", which no log does; move that file away"};
  }
  const std::optional<Seq> reserved = reservation_.Load();
  recovery.reservation_lost = !reserved && end.next_seq > 1;
  Seq next = std::max(end.next_seq, reserved.value_or(0));
  if (recovery.reservation_lost) next = end.next_seq + kMostReserved;
  for (const SeqRange& lost : end.lost) gaps_.push_back({lost.from, lost.to, "unclean end"});
  if (next > end.last_seq + 1) gaps_.push_back({end.last_seq + 1, next - 1, "unclean end"});
  numbered_ = written_ = synced_ = delivered_ = next - 1;
  recovery.sessions.as_of = end.last_seq;
  ring_.Mark(written_, synced_);
  Status saved = reservation_.Save(next + Reservation::kBlock);
  if (saved.ok()) reserved_ = next + Reservation::kBlock;
  return saved.ok() || MayPass(saved) ? Status() : saved;
}

Status LogWriter::Impl::ContinueOrStart(LogEnd end, const SessionSnapshot& sessions) {
  const bool go_on = end.synced && end.whole_header && MayContinue(end.header, machine_);
  for (const SegmentIndex& index : end.closed_unindexed) segments_.NoteIndex(index);
  if (go_on) {
    end.closed.pop_back();
    segments_.Restore(std::move(end.closed));
    return segments_.Continue(end.index, end.header.created_us);
  }
  if (!end.closed.empty() && end.index.events == 0) {
    Status removed =
        files_.Remove(PathIn(options_.directory, SegmentName(end.closed.back().first)));
    if (!removed.ok()) return removed;
    end.closed.pop_back();
  } else if (!end.closed.empty()) {
    segments_.NoteIndex(end.index);
  }
  segments_.Restore(std::move(end.closed));
  return segments_.Begin(HeaderOf(numbered_ + 1, SystemClock().Now().realtime_us, sessions));
}

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

void LogWriter::Impl::Append(std::vector<Event> events) {
  if (events.empty()) return;
  last_time_ = events.back().time;
  if (trouble_.empty() && !gaps_.empty()) {
    std::vector<Event> with_gaps;
    for (const Gap& gap : std::exchange(gaps_, {})) {
      with_gaps.push_back(MakeGapEvent(gap, events.front().time));
    }
    std::move(events.begin(), events.end(), std::back_inserter(with_gaps));
    events = std::move(with_gaps);
  }
  Number(std::move(events));
}

void LogWriter::Impl::Number(std::vector<Event> events) {
  const size_t expected = events.size() * line_bytes_ + kLineSlack;
  BatchRef batch = MakeBatch(std::move(events), numbered_ + 1, boot_id_, expected);
  line_bytes_ = batch->text.size() / batch->events.size() + 1;
  numbered_ = batch->Last();
  waiting_bytes_ += batch->Bytes();
  ring_.Push(std::move(batch));
}

std::vector<BatchRef> LogWriter::Impl::Advance(const Sessions& sessions) {
  FinishSync(sessions);
  if (Overdue()) KeepSessions(sessions);
  Write(sessions);
  BeginSync(false);
  TrimRing();
  ring_.Mark(Always() ? synced_ : written_, synced_);
  return TakeDeliverable();
}

bool LogWriter::Impl::Full() const {
  if (Degraded()) return false;
  // Numbers are used up faster than they can be reserved: the sync at hand brings more.
  const bool no_numbers = syncing_ && syncing_->reserve != 0 && numbered_ + 1 >= reserved_;
  return no_numbers || waiting_bytes_ >= options_.ring_bytes / 2;
}

TimePoint LogWriter::Impl::Deadline() const {
  TimePoint deadline = TimePoint::max();
  if (!trouble_.empty() && written_ < numbered_) deadline = retry_at_;
  if (trouble_.empty() && written_ < numbered_ && MayWrite()) deadline = TimePoint();
  if (const auto since = sync_.BusySince(); since && delivered_ < numbered_) {
    deadline = std::min(deadline, *since + options_.slow_sync);
  }
  if (options_.sync == SyncMode::kInterval && written_ > synced_ && !syncing_) {
    deadline = std::min<TimePoint>(deadline, last_sync_ + options_.sync_interval);
  }
  return deadline;
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

Seq LogWriter::Impl::Deliverable() const {
  if (Degraded()) return numbered_;
  return Always() ? synced_ : written_;
}

void LogWriter::Impl::Write(const Sessions& sessions) {
  while (MayWrite()) {
    if (written_ == numbered_) RecordGaps();
    if (written_ == numbered_) return;
    const BatchRef batch = ring_.Find(written_ + 1);
    const int64_t time_us = batch->events.front().time.realtime_us;
    const bool needs_new = segments_.NeedsNew(batch->text.size(), time_us);
    // A segment's header has the sessions as of its beginning: they are known once all before is
    // delivered.
    if (needs_new && !behind_ && delivered_ < written_) return;
    Status written = needs_new ? BeginSegment(*batch, sessions) : Status();
    if (written.ok()) written = WriteBatch(*batch, sessions);
    if (!written.ok()) return Fail(written, sessions, options_.retry);
  }
}

Status LogWriter::Impl::WriteBatch(const Batch& batch, const Sessions& sessions) {
  lines_.clear();
  AppendLines(lines_, batch);
  Status written = segments_.Append(lines_, batch);
  if (written.code() == StatusCode::kCorrupt) {
    // Somebody else changed the file, and nothing was written: a new one takes it at once.
    KeepSessions(sessions);
    Repair();
    return {};
  }
  if (!written.ok()) return written;
  written_ = batch.Last();
  Apply(batch);
  segments_.Trim(false, 0);
  if (!Always()) NoteRecovery();
  return {};
}

Status LogWriter::Impl::BeginSegment(const Batch& batch, const Sessions& sessions) {
  const int64_t created_us = batch.events.front().time.realtime_us;
  const SegmentHeader header =
      HeaderOf(batch.First(), created_us,
               behind_ ? SessionSnapshot{behind_->All(), behind_->Seats(), written_} : sessions());
  Status begun = segments_.Begin(header);
  if (begun.ok()) segments_.Trim(true, created_us);
  return begun;
}

/// Another process cut, changed or removed the segment at work: what it lost is written again as
/// far as the ring has it.
void LogWriter::Impl::Repair() {
  const Seq intact = std::min(LastIntact(), written_);
  segments_.Abandon();
  if (syncing_) syncing_->stale = true;
  const Seq kept = std::max(intact, ring_.First() - 1);
  if (kept > intact) gaps_.push_back({intact + 1, kept, "changed by another process"});
  lost_ += kept - intact;
  written_ = kept;
  synced_ = std::min(synced_, kept);
}

/// The last event before which nothing is missing in the segment at work.
Seq LogWriter::Impl::LastIntact() const {
  const Seq first = segments_.ActiveFirst();
  const Result<Seq> last = LastEventIn(files_, options_.directory, {first, SegmentName(first)});
  return last.ok() ? std::max(last.value(), first - 1) : first - 1;
}

void LogWriter::Impl::RecordGaps() {
  if (gaps_.empty() || last_time_.realtime_us == 0) return;
  std::vector<Event> events;
  for (const Gap& gap : std::exchange(gaps_, {})) events.push_back(MakeGapEvent(gap, last_time_));
  Number(std::move(events));
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

bool LogWriter::Impl::SyncIsDue() const {
  if (sync_at_start_ && segments_.ActiveFirst() != 0) return true;
  if (written_ == synced_ || options_.sync == SyncMode::kNever) return false;
  return Always() || steady_clock::now() - last_sync_ >= options_.sync_interval;
}

/// The end of the numbers to be reserved now; 0 = there are enough.
Seq LogWriter::Impl::ToReserve() const {
  if (numbered_ + Reservation::kBlock / 2 < reserved_) return 0;
  if (steady_clock::now() < reserve_at_) return 0;
  // Who used up a block before the next was there gets more at a time.
  const Seq blocks = numbered_ + 1 >= reserved_ ? kMostBlocks : 1;
  return numbered_ + 1 + blocks * Reservation::kBlock;
}

void LogWriter::Impl::BeginSync(bool at_once) {
  if (syncing_) return;
  const bool active = SyncIsDue() || (at_once && written_ > synced_);
  SyncWork work;
  if (active || options_.sync == SyncMode::kNever) work = segments_.TakeSyncWork(active);
  Syncing next;
  next.reserve = ToReserve();
  if (work.Empty() && next.reserve == 0) return;
  next.through = active ? written_ : synced_;
  if (!active && !work.closed.empty()) next.through = segments_.ActiveFirst() - 1;
  next.outcome = std::make_shared<Syncing::Outcome>();
  sync_at_start_ = false;
  last_sync_ = steady_clock::now();
  sync_.Begin([&files = files_, directory = options_.directory, reservation = reservation_,
               work = std::move(work), reserve = next.reserve, outcome = next.outcome] {
    if (!work.Empty()) outcome->synced = Perform(files, directory, work);
    if (reserve != 0) outcome->reserved = reservation.Save(reserve);
  });
  syncing_ = std::move(next);
}

void LogWriter::Impl::FinishSync(const Sessions& sessions) {
  if (!syncing_ || sync_.BusySince()) return;
  const Syncing done = *std::exchange(syncing_, std::nullopt);
  if (done.outcome->reserved.ok()) reserved_ = std::max(reserved_, done.reserve);
  if (!done.outcome->reserved.ok()) reserve_at_ = steady_clock::now() + options_.retry;
  if (done.stale) return;
  if (done.outcome->synced.ok()) {
    synced_ = std::max(synced_, std::min(done.through, written_));
    if (Always()) NoteRecovery();
    return;
  }
  // The kernel may have dropped pages that it calls clean now: a new segment takes all of it.
  segments_.Abandon();
  synced_ = written_ = std::max(synced_, ring_.First() - 1);
  Fail(done.outcome->synced, sessions, std::chrono::milliseconds(0));
}

void LogWriter::Impl::NoteRecovery() {
  if ((Always() ? synced_ : written_) < delivered_) return;
  trouble_.clear();
  behind_.reset();
}

void LogWriter::Impl::TrimRing() {
  while (ring_.Bytes() > options_.ring_bytes) {
    const BatchRef oldest = ring_.Front();
    if (oldest == nullptr || oldest->Last() > delivered_) return;
    if (oldest->Last() > written_) GiveUp(*oldest);
    ring_.PopFront();
  }
}

void LogWriter::Impl::GiveUp(const Batch& batch) {
  if (gaps_.empty() || gaps_.back().to + 1 != batch.First()) {
    gaps_.push_back({batch.First(), batch.Last(), "not written in time"});
  }
  gaps_.back().to = batch.Last();
  lost_ += batch.events.size();
  written_ = synced_ = batch.Last();
  Apply(batch);
}

std::vector<BatchRef> LogWriter::Impl::TakeDeliverable() {
  std::vector<BatchRef> batches;
  const Seq through = Deliverable();
  while (delivered_ < through) {
    batches.push_back(ring_.Find(delivered_ + 1));
    delivered_ = batches.back()->Last();
    waiting_bytes_ -= batches.back()->Bytes();
  }
  return batches;
}

bool LogWriter::Impl::Close(TimePoint deadline) {
  const Sessions sessions = [this] {
    return behind_ ? SessionSnapshot{behind_->All(), behind_->Seats()} : SessionSnapshot{};
  };
  for (int round = 0; round < kCloseRounds; ++round) {
    if (!sync_.WaitIdle(deadline)) return false;
    FinishSync(sessions);
    Write(sessions);
    BeginSync(true);
  }
  if (!sync_.WaitIdle(deadline)) return false;
  FinishSync(sessions);
  // Numbers that were given, but not written, are missing for good: the next start sees that.
  const auto saved = std::make_shared<Status>();
  sync_.Begin(
      [reservation = reservation_, end = numbered_ + 1, saved] { *saved = reservation.Save(end); });
  return sync_.WaitIdle(deadline);
}

LogHealth LogWriter::Impl::Health() const {
  LogHealth health;
  health.last_seq = numbered_;
  health.synced_seq = synced_;
  health.unwritten = numbered_ - written_;
  health.lost = lost_;
  health.degraded = Degraded();
  health.trouble = trouble_;
  if (health.degraded && trouble_.empty()) {
    health.trouble = "the disk of '" + options_.directory + "' has not finished a sync for " +
                     std::to_string(options_.slow_sync.count() / 1000) + " s";
  }
  return health;
}

LogWriter::LogWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogWriter::~LogWriter() = default;

Result<std::unique_ptr<LogWriter>> LogWriter::Open(FileSystem& files, LogOptions options,
                                                   const Machine& machine, LogRecovery& recovery) {
  auto impl = std::make_unique<Impl>(files, std::move(options), machine);
  Status opened = impl->Open(recovery);
  if (!opened.ok()) return opened;
  return std::unique_ptr<LogWriter>(new LogWriter(std::move(impl)));
}

void LogWriter::CallOnNews(std::function<void()> on_news) {
  impl_->CallOnNews(std::move(on_news));
}
void LogWriter::Append(std::vector<Event> events) {
  impl_->Append(std::move(events));
}

std::vector<BatchRef> LogWriter::Advance(const Sessions& sessions) {
  return impl_->Advance(sessions);
}

bool LogWriter::Full() const {
  return impl_->Full();
}
steady_clock::time_point LogWriter::Deadline() const {
  return impl_->Deadline();
}
bool LogWriter::Close(steady_clock::time_point deadline) {
  return impl_->Close(deadline);
}
LogHealth LogWriter::Health() const {
  return impl_->Health();
}
Seq LogWriter::LastSeq() const {
  return impl_->LastSeq();
}
const EventRing& LogWriter::Ring() const {
  return impl_->Ring();
}

}  // namespace broker
