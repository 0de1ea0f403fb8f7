#pragma once

#include <string>

#include "platform/linux/unique_fd.h"

namespace broker {

/// The control group of one forked agent, in which all stays that it starts, whatever environment
/// that has. Without cgroup v2, or the right to make groups, there is none, and nothing happens.
/// Below the root that is mounted, not the broker's own group: with that a service manager may end
/// all that is in it, and an agent outlives its broker.
///
/// Not thread-safe.
///
/// Source: cgroups(7); cgroup.kill, of Linux 5.14, in the kernel's "Control Group v2".
class AgentCgroup {
 public:
  /// `cgroups` is where they are mounted; in the hybrid set-up v2 is in a folder of that.
  AgentCgroup(const std::string& cgroups, const std::string& unit);

  /// Makes it. Who writes "0" to what is returned is in it; invalid: there is none.
  [[nodiscard]] UniqueFd Make() const;

  /// Ends all that is in it, and removes it; waits for that for a tenth of a second at most.
  void Kill() const;

 private:
  std::string root_;  ///< Of all agents; empty: there are no groups.
  std::string path_;
};

}  // namespace broker
