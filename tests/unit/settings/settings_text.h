#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/load.h"

namespace broker {

/// The errors of `text`, read as "usher.toml", one a line as an administrator sees them.
inline std::vector<std::string> ErrorsOf(std::string_view text) {
  std::vector<std::string> lines;
  for (const SettingsError& error : ParseSettings(text, "usher.toml").errors) {
    lines.push_back(ToString(error));
  }
  return lines;
}

}  // namespace broker
