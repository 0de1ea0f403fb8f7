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

/// What the plugin requires, everybody does not have, and the configuration does not grant.
std::optional<std::string> Ungranted(const PluginSettings& settings, const PluginInfo& info) {
  for (const std::string& id : info.required_extensions) {
    if (NeedsGrant(id) && !Contains(settings.grant, id)) return id;
  }
  return std::nullopt;
}

std::optional<SettingsError> CheckDenials(const PluginSettings& settings, const PluginInfo& info) {
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

}  // namespace

std::optional<SettingsError> CheckGrants(const PluginSettings& settings, const PluginInfo& info) {
  if (auto denied = CheckDenials(settings, info)) return denied;
  const std::string key = "plugins." + settings.name + ".grant";
  for (const std::string& id : settings.grant) {
    if (!Contains(ExtensionIds(), id))
      return SettingsError{settings.position, key, UnknownExtension(id)};
  }
  if (const auto id = Ungranted(settings, info)) {
    return SettingsError{settings.position, key,
                         "the plugin " + info.id + " requires the extension '" + *id +
                             "', which nobody has unless it is granted: grant = [\"" + *id +
                             "\"], or disable the plugin"};
  }
  return std::nullopt;
}

}  // namespace broker
