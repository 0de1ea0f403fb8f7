#include "plugin_host/grants.h"

#include <algorithm>
#include <string>
#include <vector>

#include "plugin_host/host_services/extensions.h"
#include "settings/load.h"
#include "settings/suggest.h"

namespace broker {
namespace {

std::string UnknownExtension(const std::string& id) {
  const auto ids = ExtensionIds();
  const auto near = Nearest(id, {ids.begin(), ids.end()});
  return "this broker has no extension '" + id + "'" +
         (near ? "; did you mean '" + *near + "'?" : std::string("; remove it"));
}

template <class List>
bool Contains(const List& list, const std::string& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

}  // namespace

std::optional<SettingsError> CheckGrants(const PluginSettings& settings, const PluginInfo& info) {
  const auto refuse = [&settings](const std::string& what) {
    return SettingsError{settings.position, "plugins." + settings.name + ".deny", what};
  };
  for (const std::string& id : settings.deny) {
    if (!Contains(ExtensionIds(), id)) return refuse(UnknownExtension(id));
    if (!Contains(info.required_extensions, id)) continue;
    return refuse("the plugin " + info.id + " requires the extension '" + id +
                  "'; do not deny it, or disable the plugin");
  }
  return std::nullopt;
}

}  // namespace broker
