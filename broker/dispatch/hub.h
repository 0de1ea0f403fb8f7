#pragma once

#include <array>
#include <memory>
#include <span>

#include <boost/signals2/signal.hpp>

#include "event/event_type.h"
#include "eventlog/stored_event.h"

namespace broker {

/// The signals: one per event type, emitted once per committed batch with that type's events, then
/// `batch_committed` with the last seq, upon which each lane wakes its worker once.
///
/// Emit from the pipeline thread only; connecting is thread-safe. Slots are the broker's own, noexcept
/// (a throwing slot would end the emission for those behind it), never block, and track the lane.
class Hub {
 public:
  using EventSignal = boost::signals2::signal<void(std::span<const EventRef>)>;
  using CommitSignal = boost::signals2::signal<void(Seq last)>;

  EventSignal& OnEvents(EventType type) { return by_type_[static_cast<size_t>(type)]; }
  CommitSignal& OnBatchCommitted() { return batch_committed_; }

  /// Hands a committed batch to everyone connected.
  void Emit(const Batch& batch);

 private:
  std::array<EventSignal, static_cast<size_t>(EventType::kCount)> by_type_;
  CommitSignal batch_committed_;
  std::array<Batch, static_cast<size_t>(EventType::kCount)> sorted_;
};

}  // namespace broker
