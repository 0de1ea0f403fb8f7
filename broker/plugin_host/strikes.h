#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace broker {

/// Counts an instance's failures within a window of time. Not thread-safe.
class Strikes {
 public:
  /// So many within the window, and the instance is quarantined.
  static constexpr uint32_t kLimit = 3;
  static constexpr int64_t kWindowUs = 10LL * 60 * 1'000'000;

  /// Adds one at this monotonic time; answers how many there are within the window now.
  uint32_t Add(int64_t monotonic_us);

 private:
  std::deque<int64_t> times_;
};

}  // namespace broker
