#include "platform/simulated/manual_clock.h"

#include <algorithm>

namespace broker {

Timestamp ManualClock::Now() const noexcept {
  const int64_t monotonic_us = monotonic_us_;
  return {monotonic_us + ahead_us_, monotonic_us};
}

void ManualClock::Advance(int64_t duration_us) {
  monotonic_us_ += std::max<int64_t>(duration_us, 0);
}

void ManualClock::AdvanceTo(int64_t realtime_us) {
  const int64_t then_us = realtime_us - ahead_us_;
  int64_t now_us = monotonic_us_;
  while (now_us < then_us && !monotonic_us_.compare_exchange_weak(now_us, then_us)) {
  }
}

void ManualClock::SetRealtime(int64_t realtime_us) {
  ahead_us_ = realtime_us - monotonic_us_;
}

}  // namespace broker
