#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "event/mutex.h"
#include "event/status.h"

namespace broker {

/// A stream of bytes to another process, both ways. One thread may read while another one writes.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Writes all of `bytes`; waits for room. kStopped: the other side is gone.
  virtual Status Write(std::string_view bytes) = 0;

  /// Reads what there is, at least one byte; 0 = the other side is gone. kTimeout: nothing came
  /// until `deadline`.
  virtual Result<size_t> Read(std::span<char> into, Condition::TimePoint deadline) = 0;

  /// Ends it for both sides, whoever else still holds it: reads answer 0. From any thread.
  virtual void Shutdown() noexcept = 0;
};

/// In a child process: the channel to the one that started it (see ChildProcess). Once a process.
/// Implemented once per system in platform/*/child_process.cc.
std::unique_ptr<Channel> OpenParentChannel();

}  // namespace broker
