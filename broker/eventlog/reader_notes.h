#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "event/mutex.h"

namespace broker {

/// What those who read a batch make of it. All who read a log make the same kind: what they made of
/// an older batch is written over.
class ReaderNotes {
 public:
  virtual ~ReaderNotes() = default;
};

/// The notes that all readers of a batch share. Thread-safe but for Take.
class SharedNotes {
 public:
  /// The notes; `std::unique_ptr<ReaderNotes> make()` makes them for the first who asks. Valid as
  /// long as the batch is.
  template <class Make>
  const ReaderNotes& Get(Make&& make) const {
    const ReaderNotes* made = made_.load(std::memory_order_acquire);
    return made != nullptr ? *made : MakeOnce(std::forward<Make>(make));
  }

  /// For who has the batch last; null if nobody asked for notes.
  [[nodiscard]] std::unique_ptr<ReaderNotes> Take() {
    const MutexLock lock(mutex_);
    return std::move(notes_);
  }

 private:
  template <class Make>
  const ReaderNotes& MakeOnce(Make&& make) const {
    const MutexLock lock(mutex_);
    if (!notes_) {
      notes_ = std::forward<Make>(make)();
      made_.store(notes_.get(), std::memory_order_release);
    }
    return *notes_;
  }

  mutable Mutex mutex_;
  mutable std::unique_ptr<ReaderNotes> notes_ USHER_GUARDED_BY(mutex_);
  mutable std::atomic<const ReaderNotes*> made_ = nullptr;
};

}  // namespace broker
