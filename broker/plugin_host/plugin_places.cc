#include "plugin_host/plugin_places.h"

#include <filesystem>

#include <boost/dll/shared_library.hpp>

namespace broker {

std::string CopiesFolder(const Settings& settings) {
  return settings.state_directory + "/modules";
}

std::string LibraryFile(const PluginPlaces& places, const std::string& library) {
  const std::filesystem::path path(library);
  if (path.has_parent_path()) {
    return (std::filesystem::path(places.configuration).parent_path() / path).string();
  }
  const std::string suffix = boost::dll::shared_library::suffix().string();
  return places.libraries + "/" + library + (library.ends_with(suffix) ? "" : suffix);
}

}  // namespace broker
