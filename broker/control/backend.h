#pragma once

#include <boost/json/value.hpp>

namespace broker {

/// What the control channel asks of the broker. Thread-safe; calls return within milliseconds.
/// PROTOCOL.md describes the values.
class ControlBackend {
 public:
  virtual ~ControlBackend() = default;
  virtual boost::json::value GetStatus() = 0;
  virtual boost::json::value GetSessions() = 0;
  virtual boost::json::value GetPlugins() = 0;
};

}  // namespace broker
