#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "settings/load.h"

namespace broker {

/// Where byte `offset` of `text` stands, in lines and code points.
[[nodiscard]] SettingsPosition PositionAt(std::string_view text, size_t offset,
                                          const std::string& file);

/// The parser's complaint about `text` as a sentence and, where it points behind the culprit, moved
/// onto it. `description` and `position` are those of toml++'s parse_error.
[[nodiscard]] SettingsError RewordTomlError(std::string_view text, std::string_view description,
                                            SettingsPosition position);

}  // namespace broker
