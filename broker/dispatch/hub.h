#pragma once

#include <algorithm>
#include <array>
#include <limits>
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

  /// The least of the slots' answers.
  struct Least {
    using result_type = Seq;
    template <class Iterator>
    Seq operator()(Iterator slot, Iterator end) const {
      Seq least = std::numeric_limits<Seq>::max();
      for (; slot != end; ++slot) least = std::min<Seq>(least, *slot);
      return least;
    }
  };
  using ProgressSignal = boost::signals2::signal<Seq(Seq from), Least>;

  EventSignal& OnEvents(EventType type) { return by_type_[static_cast<size_t>(type)]; }
  CommitSignal& OnBatchCommitted() { return batch_committed_; }

  /// Asks every lane how far it has come; who is before `from` answers the largest number there is.
  ProgressSignal& OnProgressAsked() { return progress_; }
  /// What the slowest lane has finished, of those that have finished `from`; the largest number
  /// there is without such lanes. Thread-safe.
  [[nodiscard]] Seq Slowest(Seq from = 0) { return progress_(from); }

  /// While the lock is held no batch is emitted: slots connected under it see whole batches only.
  [[nodiscard]] std::unique_lock<std::mutex> Pause() { return std::unique_lock(emission_); }

  /// Tells everyone connected of a batch that may be delivered.
  void Emit(const Batch& batch) noexcept;

 private:
  static constexpr size_t kTypes = static_cast<size_t>(EventType::kCount);

  std::mutex emission_;
  std::array<EventSignal, kTypes> by_type_;
  CommitSignal batch_committed_;
  ProgressSignal progress_;
  std::array<std::vector<const Event*>, kTypes>
      sorted_;  ///< Kept between batches for its capacity.
};

}  // namespace broker
