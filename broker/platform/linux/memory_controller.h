#pragma once

#include <string>

namespace broker {

/// Whether the service manager can hold all processes of a unit together to a limit of memory:
/// `cgroups`, where control groups are mounted, has the kernel's memory controller. Containers and
/// kernels with `cgroup_disable=memory` have none. Source: cgroup.controllers of the kernel's
/// admin-guide/cgroup-v2, and memory.limit_in_bytes of its admin-guide/cgroup-v1/memory.
[[nodiscard]] bool HasMemoryController(const std::string& cgroups);

}  // namespace broker
