#pragma once

namespace broker {

/// How usherd ends, by usherctl's numbers; --help documents them.
enum class DaemonExit : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kInvalidConfiguration = 3,
};

}  // namespace broker
