#pragma once

#include <cstddef>
#include <string_view>

namespace broker {

/// At least `least` labels of [A-Za-z0-9_-], separated by single dots: an event type, a plugin's
/// id.
[[nodiscard]] bool IsDotted(std::string_view text, size_t least);

}  // namespace broker
