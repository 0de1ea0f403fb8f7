#pragma once

#include <memory>

#include "platform/linux/logind_bus.h"

namespace broker {

/// Watches /run/systemd/sessions. kUnavailable as long as logind has not made it.
/// Source: sd_login_monitor_new(3).
Result<std::unique_ptr<LoginMonitor>> WatchLogins();

}  // namespace broker
