#pragma once

#include <string>

#include "event/event.h"

namespace broker {

/// An event as it stands in the log: its values and its very line (without the newline).
struct StoredEvent {
  Event event;
  std::string line;     ///< The JSON object, checksum included; FORMAT.md.
  std::string boot_id;  ///< The boot that event.time.monotonic_us counts in.
};

}  // namespace broker
