#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "settings/load.h"

namespace broker {

/// Parses TOML `text`; `file` is its name for positions. On failure returns nullptr and adds one
/// error to `errors`: the first syntax error, worded for whoever wrote the text. No text crashes
/// it. Columns count code points.
[[nodiscard]] std::shared_ptr<const toml::table> ParseToml(std::string_view text,
                                                           const std::string& file,
                                                           std::vector<SettingsError>& errors);

/// The same for the file at `path`, which may have kMaxSettingsBytes.
[[nodiscard]] std::shared_ptr<const toml::table> LoadToml(const std::string& path,
                                                          std::vector<SettingsError>& errors);

}  // namespace broker
