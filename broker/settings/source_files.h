#pragma once

#include <vector>

#include "settings/load.h"
#include "settings/settings.h"

namespace broker {

/// What is wrong with what the source is to play, as far as this user can see: that the scenario's
/// file or the recording's folder is missing, or something else. Looks at the system; thread-safe.
[[nodiscard]] std::vector<SettingsError> CheckSourceFiles(const Settings& settings);

}  // namespace broker
