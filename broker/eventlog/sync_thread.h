#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "event/mutex.h"
#include "event/status.h"

namespace broker {

/// A thread that does what may hang: writes and syncs. One job at a time, so that the pipeline
/// encodes the next events while the disk takes the last ones, and goes on when the disk does not
/// answer at all.
///
/// Begin, BusySince and WaitIdle from one thread.
class SyncThread {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Job = std::function<void()>;

  SyncThread();
  /// Waits for a job at hand for a second. One that hangs for longer is left behind with its
  /// thread: what it works with must then live as long as the process, which should end.
  ~SyncThread();
  SyncThread(const SyncThread&) = delete;
  SyncThread& operator=(const SyncThread&) = delete;

  /// `on_done` is called on the thread after each job; it must be noexcept. To be set before the
  /// first job.
  void CallWhenDone(std::function<void()> on_done);

  /// Starts a job; there must be none at hand.
  void Begin(Job job);

  /// Since when a job is at hand; nullopt for none.
  [[nodiscard]] std::optional<TimePoint> BusySince() const;

  /// Waits until no job is at hand and nobody is being told of one; false when that is still so at
  /// `deadline`.
  bool WaitIdle(TimePoint deadline);

 private:
  struct State;
  static void Run(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;
};

}  // namespace broker
