#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <vector>

#include "platform/linux/unique_fd.h"

namespace broker {

/// Sees at once that processes have ended, whoever's children they are. The service manager tells
/// of its own a moment later: what will be needed then can be asked for meanwhile. Nothing more
/// rests on it, so not all are watched where there are many.
///
/// Not thread-safe; nothing waits. Source: pidfd_open(2), epoll(7).
class ExitWatch {
 public:
  ExitWatch();

  void Add(int64_t pid, uid_t user);
  /// Whose processes have ended since the last time, a user once for each.
  [[nodiscard]] std::vector<uid_t> TakeEnded();

  /// Can be read once one has ended.
  [[nodiscard]] int Fd() const { return epoll_.get(); }

 private:
  struct Process {
    UniqueFd fd;
    uid_t user;
  };

  UniqueFd epoll_;
  std::map<int, Process> processes_;  ///< By descriptor.
};

}  // namespace broker
