#pragma once

#include <string>

#include "event/status.h"
#include "settings/settings.h"

namespace broker {

/// Tries a plugin's library and an instance's configuration where a crash or a hang costs nothing.
/// Any thread.
class ConfigProbe {
 public:
  virtual ~ConfigProbe() = default;

  /// Whether the library `file` may be loaded and can be, and what CheckConfig says of `settings`.
  /// Bounded in time. What is wrong is told as CheckConfig does.
  [[nodiscard]] virtual Status Probe(const PluginSettings& settings,
                                     const std::string& file) const = 0;
};

}  // namespace broker
