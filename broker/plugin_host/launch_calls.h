#pragma once

#include <functional>
#include <utility>

#include "event/event.h"
#include "plugin_host/host_services/emission.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/instance_health.h"

namespace broker {

/// Takes what is heard of an instance's agents: makes events of it, and calls the plugin with it.
/// The lane's worker's.
class LaunchCalls {
 public:
  /// `call` calls the plugin with what became of an agent. All of it must outlive this.
  LaunchCalls(Host& host, InstanceHealth& health,
              std::function<void(const PluginLaunches::News&)> call)
      : host_(host), health_(health), call_(std::move(call)) {}

  /// Calls with what has been heard since the last time.
  void CallHeard();

 private:
  void Announce(const PluginLaunches::News& news);

  Host& host_;
  InstanceHealth& health_;
  const std::function<void(const PluginLaunches::News&)> call_;
};

/// What stands in an event about how an agent's time ended, or why it was not to be.
void AddEnd(const LaunchEnd& end, Details& details);

/// An event about an agent; `whose` it is.
[[nodiscard]] Event MakeAgentEvent(EventType type, const Emitter& whose, Cause cause, Timestamp now,
                                   Details details);

/// The event that says what became of an agent.
[[nodiscard]] Event EventOf(const PluginLaunches::News& news, const Emitter& whose, Timestamp now);

/// What stands in every event about an agent.
[[nodiscard]] Details DetailsOfAgent(const std::string& agent, const std::string& session);

}  // namespace broker
