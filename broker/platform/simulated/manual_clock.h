#pragma once

#include "event/clock.h"
#include "event/mutex.h"

namespace broker {

/// A clock that stands still until somebody moves it. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_(start) {}

  [[nodiscard]] Timestamp Now() const noexcept override;

  /// Lets both clocks run for `duration_us`; negative counts as 0.
  void Advance(int64_t duration_us);

  /// Lets time pass until it is `realtime_us`; a time that is over changes nothing.
  void AdvanceTo(int64_t realtime_us);

  /// Sets the wall clock, forth or back, as an administrator does; the monotonic one takes no part.
  void SetRealtime(int64_t realtime_us);

 private:
  mutable Mutex mutex_;
  Timestamp now_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
