#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "event/mutex.h"
#include "plugin_host/call_monitor.h"

namespace broker {

/// One call into a plugin that has come to an end, or has overrun its time. A value.
struct TracedCall {
  int64_t begin_us = 0;  ///< UTC.
  PluginCall call = PluginCall::kNone;
  Seq seq = 0;                            ///< The event at hand; 0 = none.
  std::chrono::microseconds duration{0};  ///< So far, for one that overran its time.
  std::string result;  ///< "ok", "pending", "retry", "overdue", "abandoned", or a sentence.

  friend bool operator==(const TracedCall&, const TracedCall&) = default;
};

/// What a reader of a trace gets.
struct TracePage {
  std::vector<TracedCall> calls;
  uint64_t next = 0;  ///< Where to go on: Read's `after`.
  uint64_t lost = 0;  ///< So many calls before these came too fast, or the reader too late.
};

/// The last calls into one instance. Kept only while somebody reads: each Read is good for some
/// seconds. Thread-safe.
class CallTrace {
 public:
  /// So many calls wait for their reader.
  static constexpr size_t kKept = 1024;
  /// For so long after a Read calls are kept.
  static constexpr std::chrono::seconds kLease{10};

  /// Whether it is worth while to Add. Costs a read of an atomic while nobody wants it.
  [[nodiscard]] bool Wanted() const noexcept {
    const int64_t until = wanted_until_.load(std::memory_order_relaxed);
    return until != 0 && IsBefore(until);
  }
  void Add(TracedCall call);
  /// A call that nobody wanted: a reader who comes back is told how many. One thread at a time.
  void Pass() noexcept {
    const uint64_t passed = passed_.load(std::memory_order_relaxed);
    passed_.store(passed + 1, std::memory_order_relaxed);
  }

  /// The calls behind `after`; waits for the first up to `wait`. 0 begins with the calls from now
  /// on.
  TracePage Read(uint64_t after, std::chrono::milliseconds wait);

 private:
  [[nodiscard]] static bool IsBefore(int64_t until) noexcept;
  [[nodiscard]] TracePage Page(uint64_t after) USHER_REQUIRES(mutex_);
  void CountPassed() USHER_REQUIRES(mutex_);

  std::atomic<uint64_t> passed_ = 0;
  std::atomic<int64_t> wanted_until_ = 0;  ///< Steady nanoseconds; 0 = nobody ever read.
  Mutex mutex_;
  Condition added_;
  std::deque<TracedCall> calls_ USHER_GUARDED_BY(mutex_);
  uint64_t count_ USHER_GUARDED_BY(mutex_) = 1;    ///< The number of the call to come.
  uint64_t counted_ USHER_GUARDED_BY(mutex_) = 0;  ///< Of `passed_`.
};

}  // namespace broker
