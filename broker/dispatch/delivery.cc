#include "dispatch/delivery.h"

#include <algorithm>
#include <optional>
#include <string>

namespace broker {

using std::chrono::seconds;
using std::chrono::steady_clock;

bool Delivery::Deliver(const DeliveredEvent& event) {
  const Seq seq = event.event.seq;
  open_.Begin(seq);
  switch (consumer_.Deliver(event)) {
    case Outcome::kRetry:
      open_.Forget();
      return !TryAgain(event.event);
    case Outcome::kPending:
      open_.Keep(seq, event.event.chain);
      Settle();
      break;
    case Outcome::kDone:
    case Outcome::kFailed:
      open_.End();
      break;
  }
  retry_.Reset();
  next_try_ = {};
  return true;
}

bool Delivery::TryAgain(const Event& event) {
  const auto next = retry_.Next(steady_clock::now());
  next_try_ = next.value_or(Condition::TimePoint());
  if (next) return true;
  const auto whole = std::chrono::ceil<seconds>(limits_.whole).count();
  consumer_.Failed(event.seq, event.chain,
                   {StatusCode::kTimeout, "it asked for another try for " + std::to_string(whole) +
                                              " seconds; the event is skipped"});
  return false;
}

void Delivery::TellEnded() {
  for (const OpenEvents::Ended& event : open_.TakeEnded()) {
    if (!event.how.ok()) consumer_.Failed(event.seq, event.chain, event.how);
  }
}

Seq Delivery::Finished(Seq handed_over) const {
  const std::optional<Seq> lowest = open_.Lowest();
  return lowest ? std::min(handed_over, *lowest - 1) : handed_over;
}

}  // namespace broker
