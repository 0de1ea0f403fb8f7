#pragma once

#include <cstdint>
#include <string_view>

#include "event/event.h"

namespace broker {

/// The number that the event's detail `key` begins with; 0 where there is none.
[[nodiscard]] int64_t NumberIn(const Event& event, std::string_view key);

}  // namespace broker
