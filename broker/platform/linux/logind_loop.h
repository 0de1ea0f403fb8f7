#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "event/clock.h"
#include "event/mutex.h"
#include "platform/linux/logind_bus.h"
#include "platform/linux/logind_reporter.h"
#include "platform/linux/source_gate.h"
#include "platform/linux/unique_fd.h"

namespace broker {

/// The source's thread: waits in poll(2) for the bus, for session states and for its owner, and
/// replaces the link to logind whenever it breaks.
///
/// Run once, on a thread of its own; all else is thread-safe.
class LogindLoop {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `wake` is an eventfd(2) in non-blocking mode.
  LogindLoop(LogindConnector connect, UniqueFd wake, RememberedSessions remembered, RawSink& sink,
             Diagnostics& diagnostics);

  /// Returns once Stop was called.
  void Run() noexcept;

  /// Asks Run to return, and waits until then or the deadline, whichever is earlier. Nothing
  /// reaches the sink or the diagnostics after it. True if Run returned.
  [[nodiscard]] bool Stop(TimePoint deadline) noexcept;

  void RequestSnapshot() noexcept;
  void EndDelay(int64_t reported_us) noexcept;

 private:
  using milliseconds = std::chrono::milliseconds;

  void Turn();
  void Connect();
  void Wait();
  void Serve();
  void Drop(const Status& why);
  void SayTrouble(const Status& why);
  [[nodiscard]] int TimeoutMs() const;
  void Wake() noexcept;

  const LogindConnector connect_;
  const UniqueFd wake_;
  SourceGate gate_;
  const SystemClock clock_;
  LogindReporter reporter_;

  std::optional<LogindLink> link_;
  TimePoint linked_at_;
  TimePoint retry_at_;
  milliseconds delay_{0};
  bool monitor_due_ = false;
  bool in_trouble_ = false;

  std::atomic<bool> stopping_{false};
  std::atomic<bool> snapshot_wanted_{false};
  std::atomic<int64_t> delay_ended_us_{0};  ///< Of the report with that time; 0 = none.
  Mutex mutex_;
  Condition changed_;
  bool ended_ USHER_GUARDED_BY(mutex_) = false;
};

}  // namespace broker
