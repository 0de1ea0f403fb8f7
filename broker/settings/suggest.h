#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

/// The one of `known` that `word` most probably was meant to be, if any is near enough: a third of
/// its letters may be wrong, missing, surplus or swapped. Case counts for nothing, and "-" is "_".
[[nodiscard]] std::optional<std::string> Nearest(std::string_view word,
                                                 const std::vector<std::string>& known);

}  // namespace broker
