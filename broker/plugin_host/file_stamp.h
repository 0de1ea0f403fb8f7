#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "event/mutex.h"
#include "event/status.h"

namespace broker {

/// What tells one content of a file from the next, without reading it. A value.
struct FileStamp {
  std::chrono::system_clock::time_point written;  ///< As the file says; anybody may set it.
  int64_t changed_ns = 0;                         ///< As the system says, of the rights, too.
  uint64_t bytes = 0;
  uint64_t device = 0;
  uint64_t number = 0;  ///< The file's own on its device.

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// A file that was not written to for so long is taken to be whole.
inline constexpr std::chrono::seconds kSettled{1};

/// kNotFound, kIo; kInvalid: it is no regular file. Links are followed. Any thread. Implemented
/// once per system in platform/*/file_stamp.cc.
[[nodiscard]] Result<FileStamp> StampOf(const std::string& file);

/// Waits until nobody has written to the file for kSettled. kTimeout: somebody still does at
/// `deadline`. Any thread.
[[nodiscard]] Result<FileStamp> WaitUntilSettled(const std::string& file,
                                                 Condition::TimePoint deadline);

}  // namespace broker
