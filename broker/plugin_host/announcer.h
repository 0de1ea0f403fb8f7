#pragma once

#include "event/event.h"

namespace broker {

/// Where the host puts the events it makes (plugin.loaded, plugin.failed, …); the pipeline numbers,
/// logs and delivers them like any other. Thread-safe, noexcept, never blocks.
class Announcer {
 public:
  virtual ~Announcer() = default;
  virtual void Announce(Event event) noexcept = 0;
};

}  // namespace broker
