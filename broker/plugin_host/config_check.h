#pragma once

#include <vector>

#include "plugin_host/host_context.h"
#include "plugin_host/module.h"
#include "settings/load.h"
#include "settings/settings.h"

namespace broker {

/// Whether the instance's configuration is good, as far as can be said without an instance: whether
/// it grants what the plugin requires, and what the plugin's check_config, if it has one, says on
/// the calling thread. What is wrong is told a line each, with file, line and column. Of
/// `context` the diagnostics and the clock are used.
[[nodiscard]] std::vector<SettingsError> CheckConfig(const HostContext& context,
                                                     const PluginSettings& settings,
                                                     const Module& module);

}  // namespace broker
