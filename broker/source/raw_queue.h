#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "event/mutex.h"
#include "source/raw_event.h"

namespace broker {

/// The bounded queue between a source's thread and the pipeline.
///
/// Submit [any thread], Take [pipeline thread]. When it is full, further reports are dropped and
/// Take() hands out one kLost (reason "queue full") in their place; whoever owns the source then
/// asks it for a fresh snapshot (Source::RequestSnapshot). Once it is full everything is dropped
/// until the next Take, so that what does come through has no holes.
class RawQueue final : public RawSink {
 public:
  /// `wake` is called after each Submit into an empty queue, outside the lock; must be noexcept.
  RawQueue(size_t capacity, std::function<void()> wake);

  void Submit(RawEvent raw) noexcept override;

  /// There is room while a 64th of the queue is not filled: who waits needs no more to keep the
  /// reader busy, and less memory is faster memory.
  bool WaitForRoom(std::chrono::milliseconds timeout) noexcept override;

  /// Moves all that is queued, oldest first, behind `out`'s elements. True when reports
  /// were dropped: the source must then be asked for a snapshot.
  bool Take(std::vector<RawEvent>& out);

  /// Whether half of it is filled: it may soon be full.
  [[nodiscard]] bool Crowded() const;

  /// How many reports were ever dropped.
  [[nodiscard]] size_t Dropped() const;

 private:
  [[nodiscard]] bool HasRoom() const noexcept USHER_REQUIRES(mutex_);
  bool Append(RawEvent&& raw) noexcept USHER_REQUIRES(mutex_);
  void Drop(Timestamp time) noexcept USHER_REQUIRES(mutex_);

  const size_t capacity_;
  const std::function<void()> wake_;
  mutable Mutex mutex_;
  Condition taken_;
  std::vector<RawEvent> queue_ USHER_GUARDED_BY(mutex_);
  size_t dropped_ USHER_GUARDED_BY(mutex_) = 0;
  bool overflowed_ USHER_GUARDED_BY(mutex_) = false;
  Timestamp overflow_time_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
