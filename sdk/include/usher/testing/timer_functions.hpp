// usher/testing/timer_functions.hpp: usher.timer/1 of a FakeHost.
#ifndef USHER_TESTING_TIMER_FUNCTIONS_HPP
#define USHER_TESTING_TIMER_FUNCTIONS_HPP

#include <algorithm>
#include <cstdint>
#include <mutex>

#include "usher/ext/timer.h"
#include "usher/testing/host_entry.hpp"

namespace usher {
namespace testing {
namespace detail {

struct TimerFunctions : HostEntry {
  static usher_status StartTimer(const usher_host* host, int64_t delay_us, int64_t period_us,
                                 usher_timer_callback callback, void* context, usher_timer* timer,
                                 usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "start", "timer", error);
    if (entered != USHER_OK) return entered;
    if (self.phase_ == Phase::kStopping) return USHER_STOPPED;
    const bool valid = callback != nullptr && timer != nullptr && delay_us >= 0 &&
                       delay_us <= USHER_TIMER_MAX_DELAY_US &&
                       (period_us == 0 || (period_us >= USHER_TIMER_MIN_PERIOD_US &&
                                           period_us <= USHER_TIMER_MAX_DELAY_US));
    if (!valid) {
      return Refuse(error, USHER_INVALID_ARGUMENT,
                    "a timer needs a callback, a delay from 0 to 366 days, and a period of 0 or "
                    "from 1 ms to 366 days");
    }
    const std::lock_guard<std::mutex> lock(self.mutex_);
    if (self.timers_.size() >= USHER_TIMER_MAX_TIMERS) {
      return Refuse(error, USHER_LIMIT, "there are 64 timers already; cancel one first");
    }
    *timer = ++self.last_timer_;
    self.timers_.push_back(
        {*timer, self.monotonic_us_ + delay_us, period_us, callback, context, self.at_hand_});
    return USHER_OK;
  }

  static usher_status CancelTimer(const usher_host* host, usher_timer timer) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterOnThread(self, "cancel");
    if (entered != USHER_OK) return entered;
    const std::lock_guard<std::mutex> lock(self.mutex_);
    const auto found =
        std::find_if(self.timers_.begin(), self.timers_.end(),
                     [timer](const FakeHost::Timer& entry) { return entry.id == timer; });
    if (found == self.timers_.end()) return USHER_NOT_FOUND;
    self.timers_.erase(found);
    return USHER_OK;
  }

  static usher_status Now(const usher_host* host, int64_t* realtime_us, int64_t* monotonic_us) {
    const FakeHost& self = Of(host);
    if (self.phase_ >= Phase::kStopped) return USHER_STOPPED;
    if (realtime_us != nullptr) *realtime_us = self.realtime_us();
    if (monotonic_us != nullptr) *monotonic_us = self.monotonic_us();
    return USHER_OK;
  }

  static const usher_ext_timer& TimerTable() {
    static const usher_ext_timer kTable{sizeof(usher_ext_timer), StartTimer, CancelTimer, Now};
    return kTable;
  }
};

}  // namespace detail
}  // namespace testing
}  // namespace usher

#endif
