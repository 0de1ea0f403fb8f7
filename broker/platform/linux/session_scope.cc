#include "platform/linux/session_scope.h"

#include <filesystem>
#include <fstream>

namespace broker {
namespace {

/// The root of cgroup v2; empty for none.
std::string Unified(const std::string& cgroups) {
  for (const std::string& root : {cgroups, cgroups + "/unified"}) {
    std::error_code ignored;
    // Only systemd as the system's manager puts sessions there.
    if (std::filesystem::exists(root + "/cgroup.procs", ignored) &&
        std::filesystem::exists(root + "/user.slice", ignored)) {
      return root;
    }
  }
  return {};
}

}  // namespace

std::optional<bool> ScopeHasProcesses(const std::string& cgroups, std::string_view user_id,
                                      std::string_view id) {
  const std::string root = Unified(cgroups);
  if (root.empty()) return std::nullopt;
  const std::string scope = root + "/user.slice/user-" + std::string(user_id) + ".slice/session-" +
                            std::string(id) + ".scope";
  std::ifstream events(scope + "/cgroup.events");
  std::string name;
  int value = 0;
  while (events >> name >> value) {
    if (name == "populated") return value != 0;
  }
  std::error_code error;
  const bool there = std::filesystem::exists(scope, error);
  if (there || error) return std::nullopt;
  return false;
}

}  // namespace broker
