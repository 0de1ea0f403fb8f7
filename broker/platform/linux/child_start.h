#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event/status.h"
#include "platform/linux/unique_fd.h"

namespace broker {

/// Who a program runs as.
struct ProgramUser {
  uid_t id = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;
  std::string name;
  std::string home;
  std::string shell;
};

/// kNotFound: there is no such user. May wait for the database of users. getpwuid_r(3).
Result<ProgramUser> ReadUser(uid_t id);

/// What a child is to become. A value.
struct ChildPlan {
  ProgramUser user;
  std::vector<std::string> arguments;  ///< The program's path first.
  /// "NAME=value" each; HOME, USER, LOGNAME and SHELL are the user's.
  std::vector<std::string> variables;
  std::string directory;
  bool may_miss_directory = false;  ///< Then it starts in "/".
  int input = -1;                   ///< -1: nothing to be read; owned by the caller.
  int output = -1;                  ///< For standard error, too. -1: to nowhere.
  int group = -1;                   ///< It writes "0" to it: AgentCgroup. -1: it does not.
  std::vector<std::pair<int, rlim_t>> limits;  ///< Of setrlimit(2).
};

/// What could not be done on the way to the program.
struct ChildFailure {
  int error = 0;
  std::array<char, 16> call{};
};

/// A child in a session and process group of its own, on its way to its program.
struct StartedChild {
  pid_t pid = 0;
  UniqueFd process;   ///< A pidfd.
  UniqueFd failures;  ///< Can be read once it has come to its program, or has failed to.
};

/// Forks, and has the child become what is planned; nothing of this process is left to it. Nullopt:
/// `failure` says why there is no child.
std::optional<StartedChild> StartChild(const ChildPlan& plan, ChildFailure& failure);

/// What is known of that once `failures` can be read; closes it then. Nullopt: nothing failed, or
/// it is still open.
std::optional<ChildFailure> ReadChildFailure(UniqueFd& failures);

}  // namespace broker
