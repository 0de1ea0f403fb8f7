#include "plugin_host/host_services/plugin_timers.h"

#include <algorithm>

namespace broker {
namespace {

bool IsEarlier(int64_t a_us, usher_timer a, int64_t b_us, usher_timer b) {
  return a_us != b_us ? a_us < b_us : a < b;
}

usher_status BadTime(const char* which, int64_t least_us, int64_t us, std::string& why) {
  why = std::string("a timer's ") + which + " is from " + std::to_string(least_us) + " to " +
        std::to_string(USHER_TIMER_MAX_DELAY_US) + " microseconds; it is " + std::to_string(us);
  return USHER_INVALID_ARGUMENT;
}

bool IsWithin(int64_t us, int64_t least_us) {
  return us >= least_us && us <= USHER_TIMER_MAX_DELAY_US;
}

/// The first time of a periodic timer that is not over at `now_us`.
int64_t NextTime(int64_t at_us, int64_t period_us, int64_t now_us) {
  return at_us + ((now_us - at_us) / period_us + 1) * period_us;
}

}  // namespace

usher_status PluginTimers::Start(int64_t now_us, int64_t delay_us, int64_t period_us,
                                 const Call& call, usher_timer& timer, std::string& why) {
  if (call.callback == nullptr) {
    why = "a timer needs a callback";
    return USHER_INVALID_ARGUMENT;
  }
  if (!IsWithin(delay_us, 0)) return BadTime("delay", 0, delay_us, why);
  if (period_us != 0 && !IsWithin(period_us, USHER_TIMER_MIN_PERIOD_US)) {
    return BadTime("period", USHER_TIMER_MIN_PERIOD_US, period_us, why);
  }
  if (entries_.size() >= USHER_TIMER_MAX_TIMERS) {
    why = "there are " + std::to_string(USHER_TIMER_MAX_TIMERS) +
          " timers already, which is all an instance may have; cancel one first";
    return USHER_LIMIT;
  }
  entries_.push_back({{++last_, now_us + delay_us, call}, period_us});
  timer = last_;
  return USHER_OK;
}

usher_status PluginTimers::Cancel(usher_timer timer) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [timer](const Entry& entry) { return entry.due.timer == timer; });
  if (found == entries_.end()) return USHER_NOT_FOUND;
  entries_.erase(found);
  return USHER_OK;
}

PluginTimers::Entries::const_iterator PluginTimers::First() const {
  return std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return IsEarlier(a.due.at_us, a.due.timer, b.due.at_us, b.due.timer);
  });
}

std::optional<int64_t> PluginTimers::NextAt() const {
  if (entries_.empty()) return std::nullopt;
  return First()->due.at_us;
}

std::optional<PluginTimers::Due> PluginTimers::TakeDue(int64_t now_us) {
  const auto first = First();
  if (first == entries_.end() || first->due.at_us > now_us) return std::nullopt;
  const auto at = entries_.begin() + (first - entries_.cbegin());
  const Due due = at->due;
  if (at->period_us == 0) {
    entries_.erase(at);
  } else {
    at->due.at_us = NextTime(due.at_us, at->period_us, now_us);
  }
  return due;
}

}  // namespace broker
