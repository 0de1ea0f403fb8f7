#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "event/mutex.h"
#include "event/status.h"

namespace broker {

/// What tells one content of a file from the next, without reading it. A value.
struct FileStamp {
  std::chrono::file_clock::time_point written;
  uint64_t bytes = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// A file that was not written to for so long is taken to be whole.
inline constexpr std::chrono::seconds kSettled{1};

/// kNotFound, kIo. Links are followed. Any thread.
[[nodiscard]] Result<FileStamp> StampOf(const std::string& file);

/// Waits until nobody has written to the file for kSettled. kTimeout: somebody still does at
/// `deadline`. Any thread.
[[nodiscard]] Result<FileStamp> WaitUntilSettled(const std::string& file,
                                                 Condition::TimePoint deadline);

}  // namespace broker
