#include "platform/simulated/manual_clock.h"

#include <algorithm>

namespace broker {

Timestamp ManualClock::Now() const noexcept {
  const MutexLock lock(mutex_);
  return now_;
}

void ManualClock::Advance(int64_t duration_us) {
  const MutexLock lock(mutex_);
  const int64_t passed_us = std::max<int64_t>(duration_us, 0);
  now_.realtime_us += passed_us;
  now_.monotonic_us += passed_us;
}

void ManualClock::AdvanceTo(int64_t realtime_us) {
  const MutexLock lock(mutex_);
  const int64_t passed_us = std::max<int64_t>(realtime_us - now_.realtime_us, 0);
  now_.realtime_us += passed_us;
  now_.monotonic_us += passed_us;
}

void ManualClock::SetRealtime(int64_t realtime_us) {
  const MutexLock lock(mutex_);
  now_.realtime_us = realtime_us;
}

}  // namespace broker
