#pragma once

#include <functional>
#include <utility>

#include "event/event.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/instance_health.h"

namespace broker {

/// Takes what is heard of an instance's programs: makes events of it, and calls the plugin with how
/// they ended. The lane's worker's.
class RunCalls {
 public:
  /// `call` calls the plugin with the end of a run. All of it must outlive this.
  RunCalls(Host& host, InstanceHealth& health, std::function<void(const PluginRuns::News&)> call)
      : host_(host), health_(health), call_(std::move(call)) {}

  /// Calls with what has ended since the last time.
  void CallEnded();

  /// The instance ends, and its programs with it.
  void CancelAll();

 private:
  void Announce(const PluginRuns::News& news);

  Host& host_;
  InstanceHealth& health_;
  const std::function<void(const PluginRuns::News&)> call_;
};

}  // namespace broker
