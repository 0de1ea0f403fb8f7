#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/status.h"
#include "isolation/channel.h"

// Implemented once per system in platform/*/child_process.cc.

namespace broker {

/// What a child process may take at most; 0 = as much as there is.
struct ChildLimits {
  uint64_t memory_bytes = 0;  ///< Address space. Not kept where a sanitizer needs all there is.
  uint64_t file_bytes = 0;    ///< Of each file that it writes, its output included.
};

/// How a child process is started. A value.
struct ChildOptions {
  std::string program;                 ///< A path.
  std::vector<std::string> arguments;  ///< Without the program's own name.
  ChildLimits limits;
};

/// How a process ended.
struct ProcessEnd {
  std::optional<int> code;  ///< It exited with this; nothing: a signal ended it.
  std::string signal;       ///< "SIGSEGV (segmentation fault)"; empty where it exited.
};

/// A process that this one started. It has a channel to this one and no other descriptor of it;
/// what it writes to standard output and standard error is kept, its input is empty, and of the
/// environment it has what is said of languages and time zones only. It ends with
/// this object, and with the thread that started it; its own children with this object, also those
/// that have left its group.
///
/// Not thread-safe, its channel aside.
class ChildProcess {
 public:
  static Result<std::unique_ptr<ChildProcess>> Start(const ChildOptions& options);

  /// Kills what is left.
  virtual ~ChildProcess() = default;

  /// Owned by this.
  [[nodiscard]] virtual Channel& GetChannel() = 0;

  /// How it ended; nothing if it did not until `deadline`.
  virtual std::optional<ProcessEnd> Wait(Condition::TimePoint deadline) = 0;

  /// Ends it and its children at once.
  virtual void Kill() noexcept = 0;

  /// The first `limit` bytes of what it wrote so far, standard output and error mixed.
  [[nodiscard]] virtual std::string Output(size_t limit) const = 0;
};

}  // namespace broker
