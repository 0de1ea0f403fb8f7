#pragma once

#include <atomic>

#include "event/event.h"
#include "event/mutex.h"

namespace broker {

/// What the signals have told a lane: how far the log has come, and from where on there is
/// something for its consumer. The events themselves are in the ring or in the files.
///
/// Note and Commit: pipeline thread, during an emission. The rest: any thread.
class Inbox {
 public:
  /// A stretch of the log, both ends included.
  struct Range {
    Seq from = 0;
    Seq to = 0;
  };
  enum class Next {
    kRange,    ///< There is something in a range.
    kTimeout,  ///< Nothing came until the deadline, or Nudge was called.
    kStopped,  ///< Stop was called.
  };

  /// The batch that is being emitted has something from `seq` on.
  void Note(Seq seq) noexcept;
  /// Ends the batch, and wakes the worker if there is something in it.
  void Commit(Seq last) noexcept;

  /// Everything from `seq` on is to be looked at; the log's end is at least `committed`.
  void Begin(Seq seq, Seq committed);

  /// Waits for the next range. What was in those before must be finished, or put back by Begin.
  Next Take(Range& range, Condition::TimePoint deadline);

  void Stop();
  [[nodiscard]] bool Stopped() const { return stopped_; }
  /// Lets the worker's Take or Wait return, the one at hand or the next.
  void Nudge() noexcept;
  /// Returns after Stop, after Nudge, or at `deadline`.
  void Wait(Condition::TimePoint deadline);

  /// The log's end, as far as it is known.
  [[nodiscard]] Seq Committed() const;
  /// The log's end when the worker last had nothing left to do: all up to here is finished.
  [[nodiscard]] Seq Drained() const;

 private:
  void GiveWay() USHER_REQUIRES(mutex_);

  Seq noted_ = 0;  ///< Pipeline thread only; 0 = nothing.
  mutable Mutex mutex_;
  Condition wake_;
  Seq from_ USHER_GUARDED_BY(mutex_) = 0;  ///< 0 = nothing to look at.
  Seq committed_ USHER_GUARDED_BY(mutex_) = 0;
  Seq drained_ USHER_GUARDED_BY(mutex_) = 0;
  bool waiting_ USHER_GUARDED_BY(mutex_) = false;
  bool nudged_ USHER_GUARDED_BY(mutex_) = false;
  std::atomic<bool> stopped_ = false;  ///< Set under the mutex.
};

}  // namespace broker
