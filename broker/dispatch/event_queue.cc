#include "dispatch/event_queue.h"

#include <algorithm>

namespace broker {

void EventQueue::Gather(std::span<const EventRef> events) noexcept {
  gathered_.insert(gathered_.end(), events.begin(), events.end());
}

void EventQueue::Commit(Seq last) noexcept {
  std::sort(gathered_.begin(), gathered_.end(), [](const EventRef& left, const EventRef& right) {
    return left->event.seq < right->event.seq;
  });
  const bool wake = Queue(last);
  gathered_.clear();
  if (wake) wake_.NotifyAll();
}

bool EventQueue::Queue(Seq last) {
  const MutexLock lock(mutex_);
  committed_ = std::max(committed_, last);
  if (behind_) return true;
  if (gathered_.empty()) {
    // A worker that was woken, but has not run yet, still counts as waiting.
    if (waiting_ && queue_.empty()) drained_ = committed_;
    return false;
  }
  if (queue_.size() + gathered_.size() > limit_) {
    queue_.clear();
    behind_ = true;
  } else {
    queue_.insert(queue_.end(), gathered_.begin(), gathered_.end());
  }
  return true;
}

EventQueue::Next EventQueue::Take(EventRef& event, Seq& committed, Condition::TimePoint deadline) {
  const MutexLock lock(mutex_);
  bool in_time = true;
  while (true) {
    if (stopped_) return Next::kStopped;
    if (behind_) {
      committed = committed_;
      return Next::kBehind;
    }
    if (!queue_.empty()) {
      event = std::move(queue_.front());
      queue_.pop_front();
      return Next::kEvent;
    }
    drained_ = committed_;
    if (!in_time) return Next::kTimeout;
    waiting_ = true;
    in_time = wake_.WaitUntil(mutex_, deadline);
    waiting_ = false;
  }
}

bool EventQueue::Resume(Seq through) {
  const MutexLock lock(mutex_);
  if (through >= committed_) behind_ = false;
  return !behind_;
}

void EventQueue::Raise(Seq seq) {
  const MutexLock lock(mutex_);
  committed_ = std::max(committed_, seq);
}

void EventQueue::Stop() {
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
  }
  wake_.NotifyAll();
}

bool EventQueue::Stopped() const {
  const MutexLock lock(mutex_);
  return stopped_;
}

void EventQueue::WaitStopped(Condition::TimePoint deadline) {
  const MutexLock lock(mutex_);
  while (!stopped_ && wake_.WaitUntil(mutex_, deadline)) {
  }
}

Seq EventQueue::Committed() const {
  const MutexLock lock(mutex_);
  return committed_;
}

Seq EventQueue::Drained() const {
  const MutexLock lock(mutex_);
  return drained_;
}

}  // namespace broker
