#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "event/event.h"
#include "event/mutex.h"
#include "event/status.h"

namespace broker {

/// The events that a consumer answered with Outcome::kPending and has not completed. A completion
/// may come from another thread before the delivery has returned: it is kept until the answer says
/// whether it was meant.
///
/// Complete, Lowest and Seqs from any thread, the rest from the one that delivers. That one takes
/// no lock while nothing is open: a consumer that never answers kPending pays nothing.
class OpenEvents {
 public:
  /// So many may be open; who delivers waits before the next one.
  static constexpr size_t kLimit = 16;

  /// An event that was completed.
  struct Ended {
    Seq seq = 0;
    uint32_t chain = 0;  ///< As in the event.
    Status how;          ///< Well, or why it failed.
  };

  /// Event `seq` is about to be delivered: from now on it may be completed.
  void Begin(Seq seq) noexcept { current_.store(seq, std::memory_order_release); }
  /// The delivery was answered otherwise than kPending: what was completed meanwhile is not kept.
  void End() noexcept { current_.store(0, std::memory_order_release); }
  /// As End, where the same event will be delivered again.
  void Forget() noexcept;
  /// The delivery was answered kPending.
  void Keep(Seq seq, uint32_t chain);

  /// Ends an event. False where it is neither open nor being delivered, or was ended before.
  bool Complete(Seq seq, Status how);

  /// What has ended since the last call, in the order of seq; it is not open any more.
  [[nodiscard]] std::vector<Ended> TakeEnded();

  /// Those that are open or were not taken, ascending.
  [[nodiscard]] std::vector<Seq> Seqs() const;

  /// Whether there is one that is open or was not taken.
  [[nodiscard]] bool Any() const { return kept_ != 0; }
  /// Whether as many are open as may be.
  [[nodiscard]] bool Full() const { return kept_ >= kLimit; }
  /// The lowest event that is open or was not taken; nullopt where there is none.
  [[nodiscard]] std::optional<Seq> Lowest() const {
    const Seq lowest = lowest_.load(std::memory_order_acquire);
    return lowest == 0 ? std::nullopt : std::optional(lowest);
  }

 private:
  struct Entry {
    Seq seq = 0;
    uint32_t chain = 0;
    std::optional<Status> how;  ///< Set once it has ended.
  };

  void NoteEntries() USHER_REQUIRES(mutex_);

  std::atomic<Seq> current_ = 0;  ///< The one that is being delivered; 0 = none.
  std::atomic<Seq> lowest_ = 0;   ///< The first entry's; 0 = none.
  size_t kept_ = 0;               ///< How many entries there are; the delivering thread's.

  mutable Mutex mutex_;
  std::optional<Entry> early_ USHER_GUARDED_BY(mutex_);  ///< Ended before its delivery returned.
  std::vector<Entry> entries_ USHER_GUARDED_BY(mutex_);  ///< In the order of seq.
};

}  // namespace broker
