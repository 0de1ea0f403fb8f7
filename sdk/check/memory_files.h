#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/mutex.h"
#include "eventlog/file_system.h"

namespace broker::check {

/// Files in memory, for what a plugin stores; the operations that this does not need fail.
/// Thread-safe.
class MemoryFiles final : public FileSystem {
 public:
  /// From now on what is written fails with this; OK ends that.
  void Fail(Status failure);

  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path) override;
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override;
  Result<std::string> ReadAll(const std::string& path, uint64_t limit) override;
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override;
  Status Overwrite(const std::string& path, std::string_view content) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Result<bool> IsFile(const std::string& path) override;
  Status Remove(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status MakeDirectories(const std::string& path, uint32_t mode) override;
  Status SyncDirectory(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

 private:
  Mutex mutex_;
  std::map<std::string, std::string> files_ USHER_GUARDED_BY(mutex_);
  Status failure_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker::check
