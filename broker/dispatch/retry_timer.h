#pragma once

#include <chrono>
#include <optional>

namespace broker {

/// How long an event is tried again that its consumer answered with Outcome::kRetry. A value.
struct RetryLimits {
  std::chrono::milliseconds first{100};  ///< The wait before the second try; then twice as long …
  std::chrono::milliseconds longest{5000};  ///< … up to this,
  std::chrono::milliseconds whole{60000};   ///< and all in all so long after the first answer.
};

/// When an event is tried again. Not thread-safe; whoever delivers has one for the event at hand.
class RetryTimer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit RetryTimer(RetryLimits limits) : limits_(limits) {}

  /// The event was answered with kRetry at `now`: when to try again; the last time when the whole
  /// time is up. nullopt: it is up, the event has failed; the next call is about another one.
  [[nodiscard]] std::optional<TimePoint> Next(TimePoint now);

  /// The event is finished in another way.
  void Reset() { begin_.reset(); }

 private:
  const RetryLimits limits_;
  std::optional<TimePoint> begin_;  ///< When it was answered so for the first time.
  std::chrono::milliseconds wait_{0};
};

}  // namespace broker
