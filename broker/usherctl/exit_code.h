#pragma once

namespace broker {

/// How usherctl ends; --help documents these numbers, and scripts rely on them.
enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitInvalidConfiguration = 3,
  kExitNotReachable = 4,
  kExitNotPermitted = 5,
};

}  // namespace broker
