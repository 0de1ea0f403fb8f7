#pragma once

#include <string>

#include "event/status.h"

namespace broker {

/// Which machine and which boot of it this process runs in: 32 hexadecimal digits each.
/// Linux: /etc/machine-id and /proc/sys/kernel/random/boot_id, machine-id(5).
struct Machine {
  std::string machine_id;
  std::string boot_id;
};

/// Asks the system. Implemented once per system in platform/*/machine.cc.
Result<Machine> ReadMachine();

/// Whether this process may do anything on the machine: root, LocalSystem. Same place.
[[nodiscard]] bool RunsPrivileged();

}  // namespace broker
