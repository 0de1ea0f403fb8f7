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

  /// What is wrong: that the library cannot be loaded, or what CheckConfig has against `settings`.
  /// `copy` is what CopyTrusted made of `path`, and stays the caller's. Bounded in time.
  [[nodiscard]] virtual std::vector<SettingsError> Probe(const PluginSettings& settings,
                                                         const std::string& copy,
                                                         const std::string& path) const = 0;

  /// What is being tried fails at once, and so does whatever will be. From any thread.
  virtual void End() noexcept = 0;
};

}  // namespace broker
