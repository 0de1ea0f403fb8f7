#pragma once

#include <string>

#include "control/endpoint.h"
#include "control/results.h"
#include "event/status.h"

namespace broker {

/// What the control channel asks of the broker. Thread-safe; calls return within milliseconds,
/// those that steer within seconds, since a connection's thread waits for each and Stop() waits for
/// the thread.
class ControlBackend {
 public:
  virtual ~ControlBackend() = default;
  virtual StatusResult GetStatus() = 0;
  virtual SessionsResult GetSessions() = 0;
  virtual PluginsResult GetPlugins() = 0;

  /// Whoever asks has the right to. kNotFound and kInvalid are the asker's mistake, the rest is the
  /// broker's trouble.
  virtual Status ReleasePlugin(const std::string& instance, const Peer& by) = 0;
};

}  // namespace broker
