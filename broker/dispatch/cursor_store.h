#pragma once

#include <optional>
#include <string>

#include "event/event.h"
#include "event/status.h"
#include "eventlog/file_system.h"

namespace broker {

/// The last acknowledged seq of each instance, one small file each, replaced atomically.
/// Thread-safe for different instances.
class CursorStore {
 public:
  /// `files` must outlive the store. `directory` is made when the first cursor is saved.
  CursorStore(FileSystem& files, std::string directory);

  /// The instance's cursor; nullopt for a new instance. kCorrupt when the file cannot be
  /// understood.
  [[nodiscard]] Result<std::optional<Seq>> Load(const std::string& instance) const;

  Status Save(const std::string& instance, Seq seq) const;

 private:
  [[nodiscard]] std::string PathOf(const std::string& instance) const;
  FileSystem& files_;
  const std::string directory_;
};

}  // namespace broker
