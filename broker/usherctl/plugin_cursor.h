#pragma once

#include <string>

#include "event/event.h"
#include "event/status.h"
#include "eventlog/file_system.h"

namespace broker {

/// How far an instance has come, as the broker keeps it for it in its state directory. Not
/// thread-safe.
class PluginCursor {
 public:
  /// `files` must outlive it. `directory` is where the cursors are.
  PluginCursor(FileSystem& files, std::string directory, std::string instance);

  /// The last event that the instance has finished, 0 for none yet. kInvalid, naming those that
  /// there are, when it has no cursor; kCorrupt for a file that is none.
  Result<Seq> Read();

  [[nodiscard]] const std::string& Directory() const { return directory_; }

 private:
  Status Missing();

  FileSystem& files_;
  const std::string directory_;
  const std::string instance_;
};

}  // namespace broker
