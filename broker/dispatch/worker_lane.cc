#include "dispatch/worker_lane.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "event/clock.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A cursor that is a little old only means that a crash redelivers a little more.
constexpr milliseconds kSaveInterval{200};
constexpr milliseconds kRetryInterval{1000};
constexpr milliseconds kFailedSaveInterval{10000};
constexpr const char* kQuarantined = "quarantined";

}  // namespace

WorkerLane::WorkerLane(LaneOptions options, Consumer& consumer, const Parts& parts)
    : options_(std::move(options)),
      consumer_(consumer),
      parts_(parts),
      claim_(parts.cursors.Claim(options_.instance)),
      delivery_(consumer, options_.retry),
      skips_(options_.instance),
      redelivered_through_(std::max(options_.redelivered_through,
                                    options_.resume ? options_.resume->handed_over : 0)) {}

WorkerLane::~WorkerLane() {
  if (worker_.joinable()) worker_.detach();
}

Status WorkerLane::Activate(milliseconds timeout) {
  SetPhase(Phase::kActivating, {});
  worker_ = std::thread([self = shared_from_this(), this] { Run(); });
  const auto deadline = steady_clock::now() + timeout;
  const MutexLock lock(mutex_);
  while (phase_ == Phase::kActivating) {
    if (!phase_changed_.WaitUntil(mutex_, deadline) && phase_ == Phase::kActivating) {
      return {StatusCode::kTimeout, "it is not ready after " + std::to_string(timeout.count()) +
                                        " ms; it will take part once it is"};
    }
  }
  return outcome_;
}

bool WorkerLane::Stop(milliseconds timeout) {
  inbox_.Stop();
  if (!worker_.joinable()) return true;
  const auto deadline = steady_clock::now() + timeout;
  {
    const MutexLock lock(mutex_);
    while (phase_ != Phase::kFinished && phase_changed_.WaitUntil(mutex_, deadline)) {
    }
    if (phase_ != Phase::kFinished || abandoned_) {
      worker_.detach();
      return false;
    }
  }
  worker_.join();
  return true;
}

void WorkerLane::Abandon() noexcept {
  inbox_.Stop();
  // The worker may be inside a disk that hangs, and come back from there.
  static_cast<void>(parts_.cursors.Claim(options_.instance));
  const MutexLock lock(mutex_);
  connections_.clear();
  phase_ = Phase::kFinished;
  outcome_ = {StatusCode::kStopped, "it is stuck in a call and was abandoned"};
  abandoned_ = true;
  phase_changed_.NotifyAll();
}

LaneProgress WorkerLane::Progress() const {
  LaneProgress progress;
  progress.committed = inbox_.Committed();
  progress.acknowledged = Finished();
  progress.handed_over = EndNow().handed_over;
  const MutexLock lock(mutex_);
  progress.running = phase_ == Phase::kRunning;
  return progress;
}

bool WorkerLane::Owes(EventType type, Seq seq) const {
  {
    const MutexLock lock(mutex_);
    if (phase_ != Phase::kRunning) return false;
  }
  if (!wanted_[static_cast<size_t>(type)]) return false;
  const LaneEnd now = EndNow();
  return now.handed_over < seq || std::binary_search(now.open.begin(), now.open.end(), seq);
}

/// What the lane before this one had finished stays so, also where this one has not come to it.
LaneEnd WorkerLane::EndNow() const {
  LaneEnd end{std::max(handed_over_.load(), inbox_.Drained()), delivery_.Open()};
  const auto& before = options_.resume;
  if (!before || before->handed_over <= end.handed_over) return end;
  std::copy_if(before->open.begin(), before->open.end(), std::back_inserter(end.open),
               [own = end.handed_over](Seq seq) { return seq > own; });
  end.handed_over = before->handed_over;
  return end;
}

std::optional<LaneEnd> WorkerLane::End() const {
  return end_;
}

void WorkerLane::SetPhase(Phase phase, Status outcome) {
  const MutexLock lock(mutex_);
  phase_ = phase;
  outcome_ = std::move(outcome);
  phase_changed_.NotifyAll();
}

void WorkerLane::Run() noexcept {
  if (BringUp()) {
    Work();
    CloseCursor();
    consumer_.Deactivate();
    // It may have ended open events while it stopped.
    CloseCursor();
    end_ = EndNow();
  }
  const MutexLock lock(mutex_);
  connections_.clear();
  phase_ = Phase::kFinished;
  phase_changed_.NotifyAll();
}

void WorkerLane::Connect(boost::signals2::connection connection) {
  const MutexLock lock(mutex_);
  connections_.emplace_back(std::move(connection));
}

bool WorkerLane::BringUp() {
  // Before the snapshot is taken, so that no commit falls between it and the first signal.
  Connect(
      parts_.hub.OnBatchCommitted().connect(Hub::CommitSignal::slot_type([this](Seq last) noexcept {
                                              inbox_.Commit(last);
                                            }).track_foreign(weak_from_this())));
  Connect(parts_.hub.OnProgressAsked().connect(
      Hub::ProgressSignal::slot_type([this](Seq from) noexcept {
        const Seq finished = Finished();
        return finished < from ? std::numeric_limits<Seq>::max() : finished;
      }).track_foreign(weak_from_this())));
  Connect(
      parts_.hub.OnEvents(EventType::kPluginSkipped)
          .connect(
              Hub::EventSignal::slot_type([this](std::span<const Event* const> events) noexcept {
                skips_.Note(events);
              }).track_foreign(weak_from_this())));
  const Result<Activation> activation = consumer_.Activate(*this);
  if (!activation.ok()) {
    SetPhase(Phase::kFinished, activation.status());
    return false;
  }
  ConnectTypes(activation->types);
  start_limits_ = {options_.boot_id, options_.oldest_us, activation->as_of};
  handed_over_ = begin_ = StartCursor(activation->as_of);
  inbox_.Begin(handed_over_ + 1, activation->as_of);
  SetPhase(Phase::kRunning, {});
  return true;
}

void WorkerLane::ConnectTypes(const std::vector<EventType>& types) {
  const auto pause = parts_.hub.Pause();
  for (const EventType type : types) {
    wanted_[static_cast<size_t>(type)] = true;
    Connect(parts_.hub.OnEvents(type).connect(
        Hub::EventSignal::slot_type([this](std::span<const Event* const> events) noexcept {
          inbox_.Note(events.front()->seq);
        }).track_foreign(weak_from_this())));
  }
}

Seq WorkerLane::StartCursor(Seq as_of) {
  if (const auto& resume = options_.resume) {
    return resume->Finished();
  }
  const Result<std::optional<StoredCursor>> stored = parts_.cursors.Load(options_.instance);
  if (!stored.ok()) {
    consumer_.Troubled(stored.status());
    if (as_of > 0) Skip(1, as_of, "cursor unreadable");
    return as_of;
  }
  const std::optional<StoredCursor>& cursor = stored.value();
  if (!cursor) {
    if (as_of > 0) Skip(1, as_of, "new");
    return as_of;
  }
  if (cursor->seq > as_of) {
    if (as_of > 0) Skip(1, as_of, "cursor of another log");
    return as_of;
  }
  if (cursor->reason.empty()) return saved_ = cursor->seq;
  const Seq finished = std::max(cursor->seq, options_.finished);
  if (finished < as_of) Skip(finished + 1, as_of, cursor->reason);
  return as_of;
}

void WorkerLane::Skip(Seq from, Seq to, const std::string& reason) {
  skips_.Add(from);
  consumer_.Skipped(from, to, reason);
}

void WorkerLane::Work() {
  Inbox::Range range;
  while (!consumer_.Exhausted()) {
    switch (inbox_.Take(range, WakeTime())) {
      case Inbox::Next::kRange:
        Walk(range);
        break;
      case Inbox::Next::kTimeout:
        break;
      case Inbox::Next::kStopped:
        return;
    }
    delivery_.Settle();
    SaveCursor(false);
  }
}

/// Hands over what the consumer wants of a range: from the ring, or, where that has moved on, from
/// the files.
void WorkerLane::Walk(Inbox::Range range) {
  Seq next = std::max(range.from, handed_over_ + 1);
  while (next <= range.to && !Ended()) {
    now_ = CoarseNow();
    const BatchRef batch = StartsFromFiles(next, range.to) ? nullptr : parts_.ring.Find(next);
    next = batch ? ReadRing(*batch, next, range.to) : ReadFiles(next, range.to);
    parts_.ring.FreeFallen();
  }
}

/// By the lane before this one, which had events behind it open.
bool WorkerLane::WasFinished(Seq seq) const {
  const auto& resume = options_.resume;
  return resume && seq <= resume->handed_over &&
         !std::binary_search(resume->open.begin(), resume->open.end(), seq);
}

/// What was there before the start has limits that the files' reader knows.
bool WorkerLane::StartsFromFiles(Seq next, Seq last) const {
  const Seq through = start_limits_.through;
  return next <= through && parts_.ring.Logged() >= std::min(last, through);
}

/// Delivers events from `next` to `last`; answers what comes next.
Seq WorkerLane::ReadRing(const Batch& batch, Seq next, Seq last) {
  catch_up_.reset();
  const Seq end = std::min(last, batch.Last());
  const Seq first = std::max(next, batch.First());
  for (Seq seq = first; seq <= end && !Ended(); ++seq) {
    const size_t index = seq - batch.First();
    const Event& event = batch.events[index];
    if (wanted_[static_cast<size_t>(event.type)] &&
        !Deliver(event, batch.Line(index), *batch.boot_id, &batch)) {
      break;
    }
    handed_over_.store(seq, std::memory_order_release);
    SaveCursor(false);
  }
  return handed_over_ + 1;
}

/// The same from the files, as far as the ring does not have it.
Seq WorkerLane::ReadFiles(Seq next, Seq last) {
  if (!catch_up_) {
    catch_up_.emplace(
        parts_.files, options_.log_directory, next - 1, start_limits_,
        [this](Seq from, Seq to, const std::string& reason) { Skip(from, to, reason); });
  }
  const Seq wanted = std::max(parts_.ring.First() - 1, start_limits_.through);
  const Seq bound = std::min({last, wanted, parts_.ring.Logged()});
  const Result<const StoredEvent*> found = catch_up_->Next(bound);
  if (!found.ok() || bound < next) {
    if (!found.ok()) consumer_.Troubled(found.status());
    inbox_.Wait(steady_clock::now() + kRetryInterval);
    return next;
  }
  now_ = CoarseNow();  // The disk may have taken its time.
  const StoredEvent* const stored = found.value();
  if (stored != nullptr && wanted_[static_cast<size_t>(stored->event.type)] &&
      !Deliver(stored->event, stored->line, stored->boot_id)) {
    return next;
  }
  handed_over_ = std::max(handed_over_.load(), catch_up_->Through());
  SaveCursor(false);
  return handed_over_ + 1;
}

/// Returns once the event is finished or open; false where the lane ends before.
bool WorkerLane::Deliver(const Event& event, std::string_view line, const std::string& boot_id,
                         const Batch* batch) {
  if (delivery_.Settle()) now_ = CoarseNow();
  if (WasFinished(event.seq)) return true;
  const bool redelivered = event.seq <= redelivered_through_;
  if (const char* reason = redelivered ? consumer_.ReasonToSkip(event.seq) : nullptr) {
    Skip(event.seq, event.seq, reason);
    return true;
  }
  while (delivery_.ReadyAt() == Condition::TimePoint() || WaitUntilReady()) {
    const bool unlogged = event.seq > parts_.ring.Logged();
    if (delivery_.Deliver({event, line, boot_id, redelivered, unlogged, now_, batch})) return true;
  }
  return false;
}

/// Waits for what must come before the next delivery: the end of one of too many open events, or
/// the time of another try. False where the lane ends before.
bool WorkerLane::WaitUntilReady() {
  while (!Ended()) {
    const Condition::TimePoint at = delivery_.ReadyAt();
    if (at == Condition::TimePoint() || steady_clock::now() >= at) {
      now_ = CoarseNow();
      return true;
    }
    inbox_.Wait(std::min(at, WakeTime()));
    delivery_.Settle();
    SaveCursor(false);
  }
  return false;
}

bool WorkerLane::Complete(Seq seq, Status how) noexcept {
  const bool was_open = delivery_.Complete(seq, std::move(how));
  if (was_open) inbox_.Nudge();
  return was_open;
}

Seq WorkerLane::Finished() const {
  return delivery_.Finished(std::max(handed_over_.load(), inbox_.Drained()));
}

/// When the worker has something to do even if nothing comes.
Condition::TimePoint WorkerLane::WakeTime() {
  return std::min(SaveDeadline(), consumer_.Tend());
}

Condition::TimePoint WorkerLane::SaveDeadline() const {
  return delivery_.Finished(handed_over_) > saved_ ? next_save_ : Condition::TimePoint::max();
}

void WorkerLane::SaveCursor(bool at_once) {
  now_ = CoarseNow();
  if (!at_once && now_ < SaveDeadline()) return;
  // What the disk may yet lose must be delivered again.
  const Seq synced = parts_.ring.Synced();
  const Seq seq = skips_.Bound(std::min(Finished(), synced), synced);
  // An instance that is killed before it has a cursor is a new one again.
  const bool soon = seq > saved_ || saved_ == 0;
  next_save_ = steady_clock::now() + (soon ? kSaveInterval : kRetryInterval);
  if (seq <= saved_ || seq < begin_) return;
  const Status saved = parts_.cursors.Save(claim_, seq);
  now_ = CoarseNow();  // The disk may have taken its time.
  if (saved.ok()) {
    saved_ = seq;
  } else if (saved.code() != StatusCode::kStopped) {
    next_save_ = steady_clock::now() + kFailedSaveInterval;
    consumer_.Troubled(saved);
  }
}

void WorkerLane::CloseCursor() {
  delivery_.Settle();
  SaveCursor(true);
  if (!consumer_.Exhausted()) return;
  const Status marked = parts_.cursors.Mark(claim_, kQuarantined);
  if (!marked.ok() && marked.code() != StatusCode::kStopped) consumer_.Troubled(marked);
}

}  // namespace broker
