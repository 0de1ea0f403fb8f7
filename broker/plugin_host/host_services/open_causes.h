#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "event/mutex.h"
#include "plugin_host/cause.h"

namespace broker {

/// The events that an instance is busy with, as causes of what it makes: the one at hand, and those
/// that it has left open.
///
/// SetAtHand, AtHand and Keep from the plugin's thread, the rest from any.
class OpenCauses {
 public:
  /// At hand from now on; {} for none.
  void SetAtHand(Cause cause) noexcept {
    seq_.store(0, std::memory_order_relaxed);
    chain_.store(cause.chain, std::memory_order_release);
    seq_.store(cause.seq, std::memory_order_release);
  }
  [[nodiscard]] Cause AtHand() const noexcept { return {seq_, chain_}; }

  /// The event at hand is left open, unless it has ended meanwhile.
  void Keep(Cause cause);
  /// An event has ended.
  void Forget(Seq seq);

  /// The event of this number, if the instance is busy with it.
  [[nodiscard]] std::optional<Cause> Find(Seq seq) const;

 private:
  // Read from other threads without a lock: numbers are never used again, so the chain belongs to
  // the number if that is the same before and after. Twice an event: no stronger order than that
  // needs.
  std::atomic<Seq> seq_ = 0;
  std::atomic<uint32_t> chain_ = 0;

  mutable Mutex mutex_;
  std::vector<Cause> open_ USHER_GUARDED_BY(mutex_);
  Seq ended_early_ USHER_GUARDED_BY(mutex_) = 0;  ///< The last one that ended while at hand.
};

}  // namespace broker
