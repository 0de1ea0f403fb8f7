#include "dispatch/inbox.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace broker {

void Inbox::Note(Seq seq) noexcept {
  noted_ = noted_ == 0 ? seq : std::min(noted_, seq);
}

void Inbox::Commit(Seq last) noexcept {
  const Seq noted = std::exchange(noted_, 0);
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    committed_ = std::max(committed_, last);
    if (from_ == 0) from_ = noted;
    // A worker that was woken, but has not run yet, still counts as waiting.
    if (waiting_ && from_ == 0) drained_ = committed_;
    wake = waiting_ && from_ != 0;
  }
  if (wake) wake_.NotifyAll();
}

void Inbox::Begin(Seq seq, Seq committed) {
  const MutexLock lock(mutex_);
  from_ = from_ == 0 ? seq : std::min(from_, seq);
  committed_ = std::max(committed_, committed);
}

Inbox::Next Inbox::Take(Range& range, Condition::TimePoint deadline) {
  const MutexLock lock(mutex_);
  bool in_time = true;
  bool gave_way = false;
  while (true) {
    if (stopped_) return Next::kStopped;
    if (from_ != 0 && from_ <= committed_) {
      range = {std::exchange(from_, 0), committed_};
      return Next::kRange;
    }
    from_ = 0;
    drained_ = committed_;
    if (std::exchange(nudged_, false) || !in_time) return Next::kTimeout;
    if (!std::exchange(gave_way, true)) {
      GiveWay();
      continue;
    }
    waiting_ = true;
    in_time = wake_.WaitUntil(mutex_, deadline);
    waiting_ = false;
  }
}

/// In a storm the next batch is there once others have had the processor: who does not sleep need
/// not be woken.
void Inbox::GiveWay() {
  mutex_.Unlock();
  std::this_thread::yield();
  mutex_.Lock();
}

void Inbox::Stop() {
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
  }
  wake_.NotifyAll();
}

void Inbox::Nudge() noexcept {
  {
    const MutexLock lock(mutex_);
    nudged_ = true;
  }
  wake_.NotifyAll();
}

void Inbox::Wait(Condition::TimePoint deadline) {
  const MutexLock lock(mutex_);
  while (!stopped_ && !nudged_ && wake_.WaitUntil(mutex_, deadline)) {
  }
  nudged_ = false;
}

Seq Inbox::Committed() const {
  const MutexLock lock(mutex_);
  return committed_;
}

Seq Inbox::Drained() const {
  const MutexLock lock(mutex_);
  return drained_;
}

}  // namespace broker
