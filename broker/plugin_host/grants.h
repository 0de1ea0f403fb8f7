#pragma once

#include "event/status.h"
#include "plugin_host/entry_check.h"
#include "settings/settings.h"

namespace broker {

/// Whether the configuration leaves the plugin what it requires, and denies only what there is. The
/// error has file, line and column.
[[nodiscard]] Status CheckGrants(const PluginSettings& settings, const PluginInfo& info);

}  // namespace broker
