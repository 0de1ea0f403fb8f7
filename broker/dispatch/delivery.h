#pragma once

#include <utility>
#include <vector>

#include "dispatch/consumer.h"
#include "dispatch/open_events.h"
#include "dispatch/retry_timer.h"

namespace broker {

/// Hands a lane's events to its consumer and deals with the answers: keeps account of what is open,
/// says when to try again, and tells the consumer what failed without it.
///
/// Complete and Finished from any thread, the rest from the lane's worker.
class Delivery {
 public:
  /// `consumer` must outlive this.
  Delivery(Consumer& consumer, RetryLimits limits)
      : consumer_(consumer), limits_(limits), retry_(limits) {}

  /// When the next event may be handed over: TimePoint() for now, TimePoint::max() for not before
  /// one of the open ones has ended, of which there are as many as may be.
  [[nodiscard]] Condition::TimePoint ReadyAt() const {
    return open_.Full() ? Condition::TimePoint::max() : next_try_;
  }

  /// Hands over the event. False: the same one must be handed over again, when ReadyAt says, and
  /// none before.
  [[nodiscard]] bool Deliver(const DeliveredEvent& event);

  /// Takes in what was completed: tells the consumer of what failed. False: nothing is open.
  bool Settle() {
    if (!open_.Any()) return false;
    TellEnded();
    return true;
  }

  /// The cursor of a consumer that all events up to `handed_over` were handed to: the event before
  /// the lowest open one.
  [[nodiscard]] Seq Finished(Seq handed_over) const;

  /// The open ones, ascending.
  [[nodiscard]] std::vector<Seq> Open() const { return open_.Seqs(); }

  /// As Completions::Complete. The worker must be woken after it.
  bool Complete(Seq seq, Status how) { return open_.Complete(seq, std::move(how)); }

 private:
  bool TryAgain(const Event& event);
  void TellEnded();

  Consumer& consumer_;
  const RetryLimits limits_;
  OpenEvents open_;
  RetryTimer retry_;
  Condition::TimePoint next_try_;  ///< TimePoint() unless an event must be handed over again.
};

}  // namespace broker
