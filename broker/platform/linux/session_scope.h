#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace broker {

/// Whether processes are left in the scope of a session of systemd-logind's, its sub-groups
/// included. nullopt where `cgroups`, the folder of cgroup v2 or of the hybrid set-up, does not
/// tell that: with cgroup v1 alone, with elogind. Source: cgroup.events of the kernel's
/// admin-guide/cgroup-v2; systemd's user.slice/user-UID.slice/session-ID.scope.
[[nodiscard]] std::optional<bool> ScopeHasProcesses(const std::string& cgroups,
                                                    std::string_view user_id, std::string_view id);

}  // namespace broker
