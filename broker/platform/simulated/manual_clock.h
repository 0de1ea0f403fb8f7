#pragma once

#include <atomic>
#include <cstdint>

#include "event/clock.h"

namespace broker {

/// A clock that stands still until somebody moves it. Thread-safe; who reads it while SetRealtime
/// is called may get the wall clock of before with the monotonic one of after.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start)
      : monotonic_us_(start.monotonic_us), ahead_us_(start.realtime_us - start.monotonic_us) {}

  [[nodiscard]] Timestamp Now() const noexcept override;

  /// Lets both clocks run for `duration_us`; negative counts as 0.
  void Advance(int64_t duration_us);

  /// Lets time pass until it is `realtime_us`; a time that is over changes nothing.
  void AdvanceTo(int64_t realtime_us);

  /// Sets the wall clock, forth or back, as an administrator does; the monotonic one takes no part.
  void SetRealtime(int64_t realtime_us);

 private:
  std::atomic<int64_t> monotonic_us_;
  std::atomic<int64_t> ahead_us_;  ///< Of the wall clock before the monotonic one.
};

}  // namespace broker
