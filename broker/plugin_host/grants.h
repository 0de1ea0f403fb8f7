#pragma once

#include <optional>

#include "plugin_host/entry_check.h"
#include "settings/load.h"
#include "settings/settings.h"

namespace broker {

/// Whether the configuration leaves and grants the plugin what it requires, and denies and grants
/// only what there is.
/// Else what is wrong.
[[nodiscard]] std::optional<SettingsError> CheckGrants(const PluginSettings& settings,
                                                       const PluginInfo& info);

}  // namespace broker
