#include "dispatch/retry_timer.h"

#include <algorithm>

namespace broker {

std::optional<RetryTimer::TimePoint> RetryTimer::Next(TimePoint now) {
  wait_ = begin_ ? std::min(wait_ * 2, limits_.longest) : limits_.first;
  if (!begin_) begin_ = now;
  const TimePoint end = *begin_ + limits_.whole;
  if (now >= end) {
    Reset();
    return std::nullopt;
  }
  return std::min(now + wait_, end);
}

}  // namespace broker
