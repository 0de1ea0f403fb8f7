#pragma once

#include <deque>
#include <span>

#include "event/mutex.h"
#include "eventlog/stored_event.h"

namespace broker {

/// The bounded queue between the signals and a lane's worker. When it overflows it empties itself
/// and says so: the worker then reads the files until it has caught up.
///
/// Gather and Commit: pipeline thread, during an emission. The rest: any thread.
class EventQueue {
 public:
  enum class Next {
    kEvent,    ///< An event was taken.
    kBehind,   ///< Events up to `committed` are in the files only.
    kTimeout,  ///< Nothing came until the deadline.
    kStopped,  ///< Stop was called.
  };

  /// Starts behind: nothing is queued before Resume.
  explicit EventQueue(size_t limit) : limit_(limit) {}

  /// Takes one type's events of the batch that is being emitted.
  void Gather(std::span<const EventRef> events) noexcept;
  /// Ends the batch: queues what was gathered, in the order of seq, and wakes the worker if there
  /// is something for it.
  void Commit(Seq last) noexcept;

  /// Waits for the next thing to do. `committed` is set to the log's end for kBehind.
  Next Take(EventRef& event, Seq& committed, Condition::TimePoint deadline);

  /// The worker has read the files up to `through`. If that is all there is, the queue is used
  /// again and the answer is true.
  bool Resume(Seq through);

  /// The log's end is at least `seq`: known from elsewhere than the signals.
  void Raise(Seq seq);

  void Stop();
  [[nodiscard]] bool Stopped() const;
  /// Returns after Stop, or at `deadline`.
  void WaitStopped(Condition::TimePoint deadline);

  /// The log's end, as far as it is known.
  [[nodiscard]] Seq Committed() const;
  /// The log's end when the worker last had nothing left to do: all up to here is finished.
  [[nodiscard]] Seq Drained() const;

 private:
  /// Whether the worker must be woken.
  bool Queue(Seq last);

  const size_t limit_;
  Batch gathered_;  ///< Pipeline thread only.
  mutable Mutex mutex_;
  Condition wake_;
  std::deque<EventRef> queue_ USHER_GUARDED_BY(mutex_);
  Seq committed_ USHER_GUARDED_BY(mutex_) = 0;
  bool behind_ USHER_GUARDED_BY(mutex_) = true;
  bool waiting_ USHER_GUARDED_BY(mutex_) = false;
  bool stopped_ USHER_GUARDED_BY(mutex_) = false;
  Seq drained_ USHER_GUARDED_BY(mutex_) = 0;
};

}  // namespace broker
