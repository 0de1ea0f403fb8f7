#pragma once

#include "event/event_type.h"

namespace broker {

/// Whether events of this type say how a session is, rather than merely mention one.
[[nodiscard]] constexpr bool TellsOfSession(EventType type) {
  return type >= EventType::kSessionCreated && type <= EventType::kSessionUnknownChange &&
         type != EventType::kConsoleSwitched;
}

}  // namespace broker
