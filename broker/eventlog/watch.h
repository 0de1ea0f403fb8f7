#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "event/status.h"

namespace broker {

/// Waits for a directory's files to change. Not thread-safe.
class DirectoryWatch {
 public:
  virtual ~DirectoryWatch() = default;
  /// Returns when something in the directory changed, or after `timeout`.
  virtual void Wait(std::chrono::milliseconds timeout) = 0;
};

/// Watches the directory from now on. kNotFound where there is none; kUnavailable or kNoSpace when
/// the system has no more watches to give: polling does as well.
/// Implemented once per system in platform/*/directory_watch.cc. Linux: inotify(7).
Result<std::unique_ptr<DirectoryWatch>> WatchDirectory(const std::string& path);

}  // namespace broker
