#include "plugin_host/config_check.h"

#include <string>

#include "plugin_host/grants.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/plugin_call.h"

namespace broker {

std::vector<SettingsError> CheckConfig(const HostContext& context, const PluginSettings& settings,
                                       const Module& module) {
  const PluginInfo& info = module.Info();
  if (auto denied = CheckGrants(settings, info)) return {*std::move(denied)};
  if (!info.checks_config) return {};
  Host host(context, settings, info, {}, Host::Phase::kCheck);
  host.BindThread();
  const Status answer = CallPlugin(
      "check_config", [&](usher_error* error) { return module.CheckConfig(host.Get(), error); });
  if (answer.ok()) return host.Config().AllErrors();
  std::vector<SettingsError> errors = host.Config().ValueErrors();
  errors.insert(errors.begin(), {settings.position, "plugins." + settings.name, answer.message()});
  return errors;
}

}  // namespace broker
