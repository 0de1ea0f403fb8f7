#pragma once

#include <cstdint>
#include <string_view>

namespace broker {

/// What an instance is doing.
enum class PluginState : int32_t {
  kRunning = 0,
  kFailed,
  kQuarantined,
  kStopped,
  kDisabled,
  kStarting
};

/// "running", "failed", "quarantined", "stopped", "disabled", "starting".
[[nodiscard]] std::string_view Name(PluginState state);

}  // namespace broker
