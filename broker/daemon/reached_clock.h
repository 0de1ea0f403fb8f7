#pragma once

#include <functional>
#include <utility>

#include "event/clock.h"
#include "event/mutex.h"

namespace broker {

/// The clock of a source that makes its own time, as far as all that it has reported by then is on
/// its way to the plugins: the source may be hours ahead, and nothing that is due later than a
/// report may come before it.
///
/// Thread-safe.
class ReachedClock final : public Clock {
 public:
  /// `busy` says whether something was reported that is not committed yet. `clock`, and what `busy`
  /// needs, must outlive this.
  ReachedClock(const Clock& clock, std::function<bool()> busy)
      : clock_(clock), busy_(std::move(busy)), reached_(clock.Now()) {}

  [[nodiscard]] Timestamp Now() const noexcept override {
    const Timestamp now = clock_.Now();  // What is reported after this is not earlier.
    const bool reached = !busy_();
    const MutexLock lock(mutex_);
    if (reached && now.monotonic_us > reached_.monotonic_us) reached_ = now;
    return reached_;
  }

 private:
  const Clock& clock_;
  const std::function<bool()> busy_;
  mutable Mutex mutex_;
  mutable Timestamp reached_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
