#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace broker {

/// When a process or thread was started, in ticks (_SC_CLK_TCK) of CLOCK_BOOTTIME: the field
/// `starttime` of what /proc/PID/stat holds (proc(5)). nullopt where that is cut short. A pure
/// function.
[[nodiscard]] std::optional<int64_t> StartTicksIn(std::string_view stat);

}  // namespace broker
