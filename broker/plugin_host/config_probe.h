#pragma once

#include <string>
#include <vector>

#include "settings/load.h"
#include "settings/settings.h"

namespace broker {

/// Tries a plugin's library and an instance's configuration where a crash or a hang costs nothing.
/// Any thread.
class ConfigProbe {
 public:
  virtual ~ConfigProbe() = default;

  /// What is wrong: that the library `file` may not be loaded or cannot be, or what CheckConfig has
  /// against `settings`. Bounded in time.
  [[nodiscard]] virtual std::vector<SettingsError> Probe(const PluginSettings& settings,
                                                         const std::string& file) const = 0;
};

}  // namespace broker
