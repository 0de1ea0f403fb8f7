#include "eventlog/writer.h"

#include <algorithm>
#include <utility>

#include "event/clock.h"
#include "event/utc.h"
#include "eventlog/writer_impl.h"

namespace broker {
namespace {

using std::chrono::steady_clock;
using TimePoint = steady_clock::time_point;

// A sync that fails at the end is followed by one attempt on a new segment.
constexpr int kCloseRounds = 3;  // In which nothing more came to the disk.

// Numbers that are kept free for what is appended at once.
constexpr Seq kLeastFree = 512;

// One write and one sync serve a batch; a larger one only makes its first event wait longer.
constexpr size_t kLargeBatch = 512;
constexpr size_t kSmallBatch = 64;
constexpr size_t kUsualLine = 512;

// Room that a batch's text has beyond what is expected: for the pen that writes it, too.
constexpr size_t kLineSlack = 8192;

int64_t ToUtc(TimePoint then) {
  const auto ago =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - then);
  return SystemClock().Now().realtime_us - ago.count();
}

}  // namespace

void LogWriter::Impl::Append(std::vector<Event> events) {
  if (events.empty()) return;
  last_time_ = events.back().time;
  if (!gaps_.Empty() && !Degraded()) {
    std::vector<Event> with_gaps = TakeGaps(events.front().time);
    std::move(events.begin(), events.end(), std::back_inserter(with_gaps));
    events = std::move(with_gaps);
  }
  Number(std::move(events));
}

size_t LogWriter::Impl::MostEvents() const {
  return std::clamp<size_t>(options_.segment_bytes / kUsualLine, kSmallBatch, kLargeBatch);
}

/// The events that record what is missing; to be numbered next.
std::vector<Event> LogWriter::Impl::TakeGaps(Timestamp time) {
  std::vector<Event> events;
  for (const Gap& gap : gaps_.Record(numbered_ + 1)) {
    events.push_back(
        MakeBrokerEvent(EventType::kLogGap, time,
                        {{"from", std::to_string(gap.from)}, {"to", std::to_string(gap.to)}}));
    events.back().reason = gap.reason;
  }
  return events;
}

void LogWriter::Impl::Number(std::vector<Event> events) {
  const size_t expected = events.size() * line_bytes_ + kLineSlack;
  std::shared_ptr<Batch> batch =
      MakeBatch(encoder_, std::move(events), numbered_ + 1, boot_id_, expected, pool_);
  line_bytes_ = batch->text.size() / batch->events.size() + 1;
  numbered_ = batch->Last();
  waiting_bytes_ += batch->Bytes();
  ring_.Push(batch);
  undelivered_.push_back(std::move(batch));
}

std::vector<BatchRef> LogWriter::Impl::Advance(const Sessions& sessions) {
  FinishSync(sessions);
  WriteSelf(sessions);
  BeginSync(false, sessions);
  const bool degraded = Degraded();
  if (degraded) KeepSessions(sessions);
  TrimRing();
  ring_.Mark(Always() ? synced_ : written_, durable_);
  return TakeDeliverable(degraded);
}

bool LogWriter::Impl::Full() const {
  if (Degraded()) return false;
  // Numbers are used up faster than they can be reserved; not, if that has just failed.
  const bool no_numbers = numbered_ + kLeastFree > reserved_ && steady_clock::now() >= reserve_at_;
  return no_numbers || waiting_bytes_ >= options_.ring_bytes / 2;
}

TimePoint LogWriter::Impl::Deadline() const {
  TimePoint deadline = TimePoint::max();
  if (!trouble_.empty() && written_ < numbered_ && !(Always() && syncing_)) deadline = retry_at_;
  if (trouble_.empty() && written_ < numbered_ && MayWrite()) deadline = TimePoint();
  if (const auto since = sync_.BusySince(); since && !Overdue()) {
    deadline = std::min(deadline, *since + options_.slow_sync);
  }
  if (!unreserved_.empty() && !syncing_) deadline = std::min(deadline, reserve_at_);
  if (options_.sync == SyncMode::kInterval && written_ > synced_ && !syncing_) {
    deadline = std::min<TimePoint>(deadline, last_sync_ + options_.sync_interval);
  }
  return deadline;
}

Seq LogWriter::Impl::Deliverable(bool degraded) const {
  if (degraded) return numbered_;
  return Always() ? synced_ : written_;
}

void LogWriter::Impl::TrimRing() {
  while (ring_.Bytes() > options_.ring_bytes) {
    const BatchRef oldest = ring_.Front();
    if (oldest == nullptr || oldest->Last() > delivered_) return;
    if (oldest->Last() > Taken()) GiveUp(*oldest);
    ring_.PopFront();
  }
}

void LogWriter::Impl::Forget(Seq through) {
  through = std::min({through, delivered_, synced_});
  BatchRef oldest = ring_.Front();
  while (oldest != nullptr && oldest->Last() <= through) {
    ring_.PopFront();
    oldest = ring_.Front();
  }
  oldest = nullptr;
  ring_.FreeFallen();
  pool_->Clear();
}

/// How far the events have gone to the disk's thread: those need not stay in the ring.
Seq LogWriter::Impl::Taken() const {
  const bool writes = syncing_ && !syncing_->batches.empty();
  return writes ? std::max(written_, syncing_->batches.back()->Last()) : written_;
}

void LogWriter::Impl::GiveUp(const Batch& batch) {
  const Seq taken = Taken();
  const Seq first = std::max(batch.First(), taken + 1);
  lost_ += gaps_.GiveUp(first, batch.Last(), "not written in time");
  // What was written before may not be on the disk yet.
  if (synced_ == taken) synced_ = batch.Last();
  if (syncing_) ApplyOf(*syncing_, taken);
  written_ = batch.Last();
  Apply(batch);
}

std::vector<BatchRef> LogWriter::Impl::TakeDeliverable(bool degraded) {
  std::vector<BatchRef> batches;
  const Seq through = Deliverable(degraded);
  while (delivered_ < through) {
    Batch& batch = *undelivered_.front();
    batch.Share();
    delivered_ = batch.Last();
    waiting_bytes_ -= batch.Bytes();
    batches.push_back(std::move(undelivered_.front()));
    undelivered_.pop_front();
  }
  return batches;
}

bool LogWriter::Impl::Close(TimePoint deadline, const Sessions& known) {
  const Sessions sessions = known ? known : [] { return SessionSnapshot{}; };
  for (int failures = 0; failures < kCloseRounds;) {
    if (!sync_.WaitIdle(deadline)) return false;
    const Seq before = synced_;
    FinishSync(sessions);
    WriteSelf(sessions);
    BeginSync(true, sessions);
    if (synced_ == before) ++failures;
  }
  if (!sync_.WaitIdle(deadline)) return false;
  FinishSync(sessions);
  // Numbers that were given, but not written, are missing for good: the next start sees that.
  const auto saved = std::make_shared<Status>();
  sync_.Begin([reservation = reservation_, end = numbered_ + 1, saved, spare = segments_->End()] {
    GiveBackRoom(spare);
    *saved = reservation.Save(end);
  });
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
  health.unreserved = unreserved_;
  health.untrimmed = untrimmed_;
  if (health.degraded && trouble_.empty()) {
    health.trouble = NoAnswerSince(sync_.BusySince().value_or(steady_clock::now()));
  }
  return health;
}

int64_t LogWriter::Impl::StalledSince() const {
  const TimePoint since = writing_since_;
  return since == TimePoint() ? 0 : ToUtc(since);
}

std::string LogWriter::Impl::Stalled() const {
  const TimePoint since = writing_since_;
  if (since == TimePoint() || steady_clock::now() - since < options_.slow_sync) return {};
  return NoAnswerSince(since) + "; nothing is delivered until it does";
}

std::string LogWriter::Impl::NoAnswerSince(TimePoint since) const {
  const std::string time = FormatUtc(ToUtc(since));
  constexpr size_t kToSeconds = 19;
  return "the disk of '" + options_.directory + "' has not answered since " +
         time.substr(0, kToSeconds) + "Z";
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

std::vector<Event> LogWriter::Room() {
  return impl_->Room();
}

size_t LogWriter::MostEvents() const {
  return impl_->MostEvents();
}

void LogWriter::Append(std::vector<Event> events) {
  impl_->Append(std::move(events));
}

std::vector<BatchRef> LogWriter::Advance(const Sessions& sessions) {
  return impl_->Advance(sessions);
}

void LogWriter::SyncSoon() {
  impl_->SyncSoon();
}

bool LogWriter::Full() const {
  return impl_->Full();
}

steady_clock::time_point LogWriter::Deadline() const {
  return impl_->Deadline();
}

bool LogWriter::Close(steady_clock::time_point deadline, const Sessions& sessions) {
  return impl_->Close(deadline, sessions);
}

void LogWriter::Forget(Seq through) {
  impl_->Forget(through);
}

LogHealth LogWriter::Health() const {
  return impl_->Health();
}

std::string LogWriter::Stalled() const {
  return impl_->Stalled();
}

int64_t LogWriter::StalledSince() const {
  return impl_->StalledSince();
}

Seq LogWriter::LastSeq() const {
  return impl_->LastSeq();
}

const EventRing& LogWriter::Ring() const {
  return impl_->Ring();
}

}  // namespace broker
