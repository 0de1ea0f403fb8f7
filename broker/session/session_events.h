#pragma once

#include "event/event.h"
#include "event/event_type.h"

namespace broker {

/// Whether events of this type say how a session is, rather than merely mention one.
[[nodiscard]] constexpr bool TellsOfSession(EventType type) {
  return type >= EventType::kSessionCreated && type <= EventType::kSessionUnknownChange &&
         type != EventType::kConsoleSwitched;
}

/// Whether such events tell of what happened to sessions and seats.
[[nodiscard]] constexpr bool IsObserved(Origin origin) {
  return origin != Origin::kInjected && origin != Origin::kPlugin;
}

/// Whether the event's session takes the place of the one with its id.
[[nodiscard]] inline bool ReplacesSession(const Event& event) {
  return event.session && IsObserved(event.origin) && TellsOfSession(event.type) &&
         event.type != EventType::kSessionDestroyed;
}

}  // namespace broker
