#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bench {

/// What one consumer has seen. Written by its thread, read by the bench's; owned by the bench,
/// which gives its address to the plugin.
struct alignas(64) Counter {
  std::atomic<uint64_t> last{0};          ///< The last seq.
  std::atomic<bool> out_of_order{false};  ///< A seq came that was not behind the one before.
  uint64_t first = 0;                     ///< The seq that `arrivals` begins with.
  size_t size = 0;                        ///< How many `arrivals` has room for.
  int64_t* arrivals = nullptr;            ///< Where to write down when each came; may be null.

  void See(uint64_t seq) {
    if (seq <= last.load(std::memory_order_relaxed)) out_of_order = true;
    if (arrivals != nullptr && seq - first < size) arrivals[seq - first] = Nanoseconds();
    last.store(seq, std::memory_order_release);
  }

  static int64_t Nanoseconds() {
    return std::chrono::steady_clock::now().time_since_epoch().count();
  }
};

}  // namespace bench
