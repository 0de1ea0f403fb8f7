#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace broker::check {

/// How usher-check ends; --help documents these numbers, and scripts rely on them.
enum ExitCode : int {
  kExitPassed = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitInvalidConfiguration = 3,
  kExitNotPermitted = 5,
};

/// What the command has of the process it runs in. All of it must outlive the run.
struct CommandEnvironment {
  std::string program;  ///< The path of this program, to be started again for each check.
  std::ostream& out;
  std::ostream& err;
  bool colour = false;
};

/// Runs what `arguments` (without the program's name) ask for; returns how the program ends.
int RunCommandLine(const std::vector<std::string>& arguments,
                   const CommandEnvironment& environment);

}  // namespace broker::check
