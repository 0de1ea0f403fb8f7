#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "event/mutex.h"

namespace broker {

/// Where others leave what they have to say to an instance. They may outlive it: they share this.
/// Thread-safe.
template <class Letter>
class Mailbox {
 public:
  /// `wake` is called, on any thread, whenever there is something to take; nullptr: no more.
  void WakeBy(std::function<void()> wake) {
    const MutexLock lock(mutex_);
    wake_ = std::move(wake);
  }

  /// From now on nothing is kept: `to` gets all there is, and then each letter from who puts it; it
  /// must not call this.
  void ForwardTo(std::function<void(Letter)> to) {
    const MutexLock lock(mutex_);
    wake_ = nullptr;
    for (Letter& letter : letters_) to(std::move(letter));
    letters_.clear();
    any_ = false;
    to_ = std::move(to);
  }

  void Put(Letter letter) {
    const MutexLock lock(mutex_);
    if (to_) return to_(std::move(letter));
    letters_.push_back(std::move(letter));
    any_ = true;
    if (wake_) wake_();
  }

  /// Takes no lock where there is nothing: it is asked before every event.
  std::optional<Letter> Take() {
    if (!any_) return std::nullopt;
    const MutexLock lock(mutex_);
    if (letters_.empty()) return std::nullopt;
    Letter letter = std::move(letters_.front());
    letters_.pop_front();
    any_ = !letters_.empty();
    return letter;
  }

 private:
  Mutex mutex_;
  std::function<void()> wake_ USHER_GUARDED_BY(mutex_);
  std::function<void(Letter)> to_ USHER_GUARDED_BY(mutex_);
  std::deque<Letter> letters_ USHER_GUARDED_BY(mutex_);
  std::atomic<bool> any_ = false;  ///< Whether there are letters; written under the mutex.
};

}  // namespace broker
