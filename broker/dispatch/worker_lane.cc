#include "dispatch/worker_lane.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A cursor that is a little old only means that a crash redelivers a little more.
constexpr milliseconds kSaveInterval{200};
constexpr milliseconds kRetryInterval{1000};
constexpr milliseconds kFailedSaveInterval{10000};

}  // namespace

WorkerLane::WorkerLane(LaneOptions options, Consumer& consumer, Hub& hub, FileSystem& files,
                       const CursorStore& cursors)
    : options_(std::move(options)),
      consumer_(consumer),
      hub_(hub),
      files_(files),
      cursors_(cursors),
      queue_(options_.queue_limit) {}

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
  queue_.Stop();
  if (!worker_.joinable()) return true;
  const auto deadline = steady_clock::now() + timeout;
  {
    const MutexLock lock(mutex_);
    while (phase_ != Phase::kFinished) {
      if (!phase_changed_.WaitUntil(mutex_, deadline) && phase_ != Phase::kFinished) {
        worker_.detach();
        return false;
      }
    }
  }
  worker_.join();
  return true;
}

LaneProgress WorkerLane::Progress() const {
  LaneProgress progress;
  progress.committed = queue_.Committed();
  progress.acknowledged = Finished();
  const MutexLock lock(mutex_);
  progress.running = phase_ == Phase::kRunning;
  return progress;
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
    SaveCursor(true);
    consumer_.Deactivate();
  }
  connections_.clear();
  const MutexLock lock(mutex_);
  phase_ = Phase::kFinished;
  phase_changed_.NotifyAll();
}

bool WorkerLane::BringUp() {
  // Before the snapshot is taken, so that no commit falls between it and the first signal.
  connections_.emplace_back(
      hub_.OnBatchCommitted().connect(Hub::CommitSignal::slot_type([this](Seq last) noexcept {
                                        queue_.Commit(last);
                                      }).track_foreign(weak_from_this())));
  const Result<Activation> activation = consumer_.Activate();
  if (!activation.ok()) {
    SetPhase(Phase::kFinished, activation.status());
    return false;
  }
  ConnectTypes(activation->types);
  queue_.Raise(activation->as_of);
  start_limits_ = {options_.boot_id, options_.oldest_us, activation->as_of};
  acknowledged_ = StartCursor(activation->as_of);
  SetPhase(Phase::kRunning, {});
  return true;
}

void WorkerLane::ConnectTypes(const std::vector<EventType>& types) {
  const auto pause = hub_.Pause();
  for (const EventType type : types) {
    wanted_[static_cast<size_t>(type)] = true;
    connections_.emplace_back(hub_.OnEvents(type).connect(
        Hub::EventSignal::slot_type([this](std::span<const EventRef> events) noexcept {
          queue_.Gather(events);
        }).track_foreign(weak_from_this())));
  }
}

Seq WorkerLane::StartCursor(Seq as_of) {
  const Result<std::optional<Seq>> stored = cursors_.Load(options_.instance);
  if (!stored.ok()) {
    consumer_.Troubled(stored.status());
    if (as_of > 0) consumer_.Skipped(1, as_of, "cursor unreadable");
    return as_of;
  }
  if (!stored->has_value()) {
    if (as_of > 0) consumer_.Skipped(1, as_of, "new");
    return as_of;
  }
  if (stored->value() > as_of) {
    if (as_of > 0) consumer_.Skipped(1, as_of, "cursor of another log");
    return as_of;
  }
  saved_ = stored->value();
  return saved_;
}

void WorkerLane::Work() {
  EventRef event;
  Seq committed = 0;
  while (!consumer_.Exhausted()) {
    switch (queue_.Take(event, committed, SaveDeadline())) {
      case EventQueue::Next::kEvent:
        Deliver(*event);
        break;
      case EventQueue::Next::kBehind:
        ReadFiles(committed);
        break;
      case EventQueue::Next::kTimeout:
        break;
      case EventQueue::Next::kStopped:
        return;
    }
    SaveCursor(false);
  }
}

void WorkerLane::ReadFiles(Seq committed) {
  if (!catch_up_) {
    catch_up_.emplace(files_, options_.log_directory, acknowledged_, start_limits_,
                      [this](Seq from, Seq to, const std::string& reason) {
                        consumer_.Skipped(from, to, reason);
                      });
  }
  const Result<EventRef> next = catch_up_->Next(committed);
  if (!next.ok()) {
    consumer_.Troubled(next.status());
    queue_.WaitStopped(steady_clock::now() + kRetryInterval);
    return;
  }
  if (next.value() != nullptr) {
    Deliver(*next.value());
    return;
  }
  acknowledged_ = std::max(acknowledged_.load(), catch_up_->Through());
  if (queue_.Resume(catch_up_->Through())) catch_up_.reset();
}

void WorkerLane::Deliver(const StoredEvent& event) {
  const Seq seq = event.event.seq;
  if (seq <= acknowledged_) return;
  if (wanted_[static_cast<size_t>(event.event.type)]) {
    // The consumer has counted the strike; here a failed event is as finished as any other.
    const Status ignored = consumer_.Deliver(event, seq <= options_.redelivered_through);
    static_cast<void>(ignored);
  }
  acknowledged_ = seq;
}

Seq WorkerLane::Finished() const {
  return std::max(acknowledged_.load(), queue_.Drained());
}

Condition::TimePoint WorkerLane::SaveDeadline() const {
  return acknowledged_ > saved_ ? next_save_ : Condition::TimePoint::max();
}

void WorkerLane::SaveCursor(bool now) {
  const Seq seq = Finished();
  if (seq == saved_) return;
  if (!now && (acknowledged_ <= saved_ || steady_clock::now() < next_save_)) return;
  const Status saved = cursors_.Save(options_.instance, seq);
  next_save_ = steady_clock::now() + (saved.ok() ? kSaveInterval : kFailedSaveInterval);
  if (saved.ok()) {
    saved_ = seq;
  } else {
    consumer_.Troubled(saved);
  }
}

}  // namespace broker
