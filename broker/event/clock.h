#pragma once

#include <chrono>
#include <cstdint>

namespace broker {

/// One moment on both clocks. The monotonic one counts within a boot; the boot id travels apart.
struct Timestamp {
  int64_t realtime_us = 0;   ///< Microseconds since 1970-01-01 UTC; may jump when the clock is set.
  int64_t monotonic_us = 0;  ///< Microseconds on CLOCK_MONOTONIC (or its like); never goes back.

  friend bool operator==(const Timestamp&, const Timestamp&) = default;
};

/// Where the broker takes the time from. Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp Now() const noexcept = 0;
};

/// The steady clock as of the system's last tick: a few milliseconds behind at most, at a fraction
/// of the cost of looking at it. For what is asked once an event. Source: clock_gettime(2),
/// CLOCK_MONOTONIC_COARSE.
[[nodiscard]] std::chrono::steady_clock::time_point CoarseNow() noexcept;

/// The machine's own clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const noexcept override;
};

}  // namespace broker
