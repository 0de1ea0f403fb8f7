#pragma once

#include <memory>
#include <string>
#include <vector>

#include "event/event.h"

namespace broker {

/// An event as it stands in the log: its values and its very line (without the newline).
struct StoredEvent {
  Event event;
  std::string line;     ///< The JSON object, checksum included; FORMAT.md.
  std::string boot_id;  ///< The boot that event.time.monotonic_us counts in.
};

/// Committed events are immutable and shared by all who read them.
using EventRef = std::shared_ptr<const StoredEvent>;
using Batch = std::vector<EventRef>;

}  // namespace broker
