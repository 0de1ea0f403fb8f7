#pragma once

#include <vector>

#include "event/status.h"
#include "plugin_host/config_probe.h"
#include "settings/load.h"
#include "settings/settings.h"

namespace broker {

/// What is wrong with the enabled plugins of a configuration that has no errors itself: libraries
/// that are not trusted or cannot be loaded, and what CheckConfig has against their tables. Each is
/// tried by `probe`, on a copy in a folder for temporary files that is gone in the end. Fails when
/// that folder cannot be used.
[[nodiscard]] Result<std::vector<SettingsError>> TryPlugins(const Settings& settings,
                                                            const ConfigProbe& probe);

/// The same, with what is wrong with the files that the source is to play: all that a configuration
/// names and that is looked for before anything is started.
[[nodiscard]] Result<std::vector<SettingsError>> TryConfiguration(const Settings& settings,
                                                                  const ConfigProbe& probe);

}  // namespace broker
