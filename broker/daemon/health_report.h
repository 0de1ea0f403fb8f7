#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/event_pump.h"
#include "plugin_host/managed_plugin.h"

namespace broker {

/// An instance, and how old the first event is that it has not finished.
struct PluginProgress {
  PluginStatus status;
  int64_t behind_us = 0;  ///< 0 = it has finished all.
};

/// What is the matter with the broker, in sentences for its administrator. A value.
struct HealthReport {
  std::vector<std::string> trouble;  ///< What is so now.
  std::vector<std::string> losses;   ///< What was lost since the broker started.
};

/// An instance that is less behind than this is at work, not in trouble.
inline constexpr int64_t kTolerableDelayUs = 10'000'000;

/// Pure. `source` is its name.
[[nodiscard]] HealthReport ReportHealth(const std::string& source, const PumpStatus& pump,
                                        const std::vector<PluginProgress>& plugins);

}  // namespace broker
