#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "platform/linux/system_agent.h"
#include "platform/linux/unique_fd.h"

namespace broker {

/// Agents where no systemd runs them: forked, each in a session of its own, with its unit's name in
/// its environment, by which it is found when this broker is gone; in a control group where there
/// is one (AgentCgroup), so that all that it has started ends with it. How one ended that another
/// broker has forked is not known. Of limits there are those of setrlimit(2): memory, open files.
///
/// Not thread-safe; the database of users alone may be waited for.
class ForkedAgents {
 public:
  /// `cgroups` is where control groups are mounted; `asked` must outlive this.
  ForkedAgents(std::string cgroups, const AskedUnits& asked)
      : cgroups_(std::move(cgroups)), asked_(asked) {}

  /// The agent of this unit, which runs already, as this user, or wants to be launched.
  std::unique_ptr<SystemAgent> Find(const std::string& unit, uid_t user);

  /// What runs of an instance since before this broker and nobody has asked for, by units.
  std::map<std::string, std::unique_ptr<SystemAgent>> TakeRest(const std::string& instance);

 private:
  /// A process that was there before.
  struct Stranger {
    pid_t pid = 0;
    uid_t user = 0;
    std::chrono::steady_clock::time_point begun;
    UniqueFd process;
  };
  using Strangers = std::map<std::string, Stranger>;  ///< By their units.

  void FindStrangers();
  [[nodiscard]] std::unique_ptr<SystemAgent> Take(Strangers::node_type stranger) const;

  const std::string cgroups_;
  const AskedUnits& asked_;
  bool knows_strangers_ = false;
  Strangers strangers_;
};

}  // namespace broker
