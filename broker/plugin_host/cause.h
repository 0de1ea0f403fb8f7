#pragma once

#include <cstdint>

#include "event/event.h"

namespace broker {

/// What led to an event that an instance makes, or is the cause of: nothing, or another event.
struct Cause {
  Seq seq = 0;         ///< 0 = nothing.
  uint32_t chain = 0;  ///< That event's.
};

/// Puts the event behind its cause.
inline void SetCause(Event& event, Cause cause) {
  event.cause = cause.seq;
  event.chain = cause.seq == 0 ? 0 : cause.chain + 1;
}

}  // namespace broker
