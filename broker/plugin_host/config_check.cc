#include "plugin_host/config_check.h"

#include <string>

#include "plugin_host/grants.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/plugin_call.h"

namespace broker {

Status CheckConfig(const HostContext& context, const PluginSettings& settings,
                   const Module& module) {
  const PluginInfo& info = module.Info();
  Status grants = CheckGrants(settings, info);
  if (!grants.ok() || !info.checks_config) return grants;
  Host host(context, settings, info, {}, Host::Phase::kCheck);
  host.BindThread();
  const Status answer = CallPlugin(
      "check_config", [&](usher_error* error) { return module.CheckConfig(host.Get(), error); });
  const Status values = answer.ok() ? host.Config().CheckAll() : host.Config().CheckValues();
  if (answer.ok() || values.ok()) return answer.ok() ? values : answer;
  return {answer.code(), answer.message() + "\n" + values.message()};
}

}  // namespace broker
