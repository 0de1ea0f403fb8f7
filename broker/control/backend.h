#pragma once

#include "control/results.h"

namespace broker {

/// What the control channel asks of the broker. Thread-safe; calls return within milliseconds,
/// since a connection's thread waits for each and Stop() waits for the thread.
class ControlBackend {
 public:
  virtual ~ControlBackend() = default;
  virtual StatusResult GetStatus() = 0;
  virtual SessionsResult GetSessions() = 0;
  virtual PluginsResult GetPlugins() = 0;
};

}  // namespace broker
