#pragma once

#include <cstddef>
#include <span>

#include "event/event.h"

namespace broker {

/// For who goes through many events: has the processor fetch the sessions of one that is a few
/// events ahead of `index`, if there is one, so that they are at hand by then. Sessions lie about
/// in memory, and in a storm other processors had them last.
inline void PrefetchSessions(std::span<const Event> events, size_t index) {
  constexpr size_t kAhead = 4;
  if (index + kAhead >= events.size()) return;
  const Event& event = events[index + kAhead];
  __builtin_prefetch(event.session.get());
  __builtin_prefetch(event.before.get());
}

}  // namespace broker
