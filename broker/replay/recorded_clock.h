#pragma once

#include "event/clock.h"
#include "event/mutex.h"

namespace broker {

/// Shows the time of the recorded event that is being played. Thread-safe.
class RecordedClock final : public Clock {
 public:
  explicit RecordedClock(Timestamp start) : now_(start) {}

  [[nodiscard]] Timestamp Now() const noexcept override {
    const MutexLock lock(mutex_);
    return now_;
  }

  void Set(Timestamp now) {
    const MutexLock lock(mutex_);
    now_ = now;
  }

 private:
  mutable Mutex mutex_;
  Timestamp now_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
