#pragma once

#include <string>

#include "settings/settings.h"

namespace broker {

/// Where plugins' libraries are, and what belongs to them is kept. A value.
struct PluginPlaces {
  std::string configuration;  ///< The file: libraries' relative paths start at its folder.
  std::string libraries;      ///< The folder where bare names are found.
  std::string copies;         ///< The folder of the copies that are loaded.
  std::string storage;        ///< The folder of the instances' own folders.
};

/// The folder of the copies, of a broker with these settings.
[[nodiscard]] std::string CopiesFolder(const Settings& settings);

/// The file that a plugin's `library` means: a path as it is (relative ones from the
/// configuration's folder), a bare name in the folder of plugins.
[[nodiscard]] std::string LibraryFile(const PluginPlaces& places, const std::string& library);

}  // namespace broker
