#include "event/clock.h"

#include <chrono>

namespace broker {
namespace {

template <class TimePoint>
int64_t Micros(TimePoint now) {
  return std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
}

}  // namespace

Timestamp SystemClock::Now() const noexcept {
  return {Micros(std::chrono::system_clock::now()), Micros(std::chrono::steady_clock::now())};
}

}  // namespace broker
