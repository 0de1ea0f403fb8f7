#pragma once

#include <array>
#include <mutex>
#include <span>
#include <vector>

#include <boost/signals2/signal.hpp>

#include "event/event_type.h"
#include "eventlog/batch.h"

namespace broker {

/// The signals: one per event type, emitted once per batch with that type's events, then one with
/// the batch's last seq, upon which each lane wakes its worker once. The batch is in the log's ring
/// by then: the spans are valid during the emission only.
///
/// Emit from the pipeline thread only; the rest is thread-safe. Slots are the broker's own,
/// noexcept (a throwing slot would end the emission for those behind it), never block, and track
/// the lane.
class Hub {
 public:
  using EventSignal = boost::signals2::signal<void(std::span<const Event* const>)>;
  using CommitSignal = boost::signals2::signal<void(Seq last)>;

  EventSignal& OnEvents(EventType type) { return by_type_[static_cast<size_t>(type)]; }
  CommitSignal& OnBatchCommitted() { return batch_committed_; }

  /// While the lock is held no batch is emitted: slots connected under it see whole batches only.
  [[nodiscard]] std::unique_lock<std::mutex> Pause() { return std::unique_lock(emission_); }

  /// Tells everyone connected of a batch that may be delivered.
  void Emit(const Batch& batch) noexcept;

 private:
  static constexpr size_t kTypes = static_cast<size_t>(EventType::kCount);

  std::mutex emission_;
  std::array<EventSignal, kTypes> by_type_;
  CommitSignal batch_committed_;
  std::array<std::vector<const Event*>, kTypes>
      sorted_;  ///< Kept between batches for its capacity.
};

}  // namespace broker
