#pragma once

#include "plugin_host/host_services/host.h"
#include "plugin_host/instance_health.h"

namespace broker {

/// Takes what is heard of what an instance asked to be done to sessions, and makes events of it.
/// The lane's worker's.
class ActionCalls {
 public:
  /// All of it must outlive this.
  ActionCalls(Host& host, InstanceHealth& health) : host_(host), health_(health) {}

  /// Tells of what has been heard since the last time.
  void TellHeard();

 private:
  Host& host_;
  InstanceHealth& health_;
};

}  // namespace broker
