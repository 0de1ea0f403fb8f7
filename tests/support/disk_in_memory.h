#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/mutex.h"
#include "eventlog/file_system.h"

namespace broker::testing {

/// What a disk has, and what of it may be gone when the power is. A value.
struct DiskContent {
  /// Cuts the file, then appends; `whole`: all of it is done or nothing.
  struct Change {
    size_t cut_to = 0;
    std::string bytes;
    bool whole = false;
  };
  struct File {
    std::string bytes;
    std::string durable;
    std::vector<Change> unsynced;  ///< What makes `bytes` of `durable`.
  };

  using Names = std::map<std::string, uint64_t>;  ///< Of files; 0 = the name is gone.

  std::set<std::string> directories;
  Names names;
  Names durable_names;
  std::vector<std::pair<std::string, uint64_t>> unsynced_names;  ///< From there to `names`.
  std::map<uint64_t, File> files;
  uint64_t last_file = 0;
};

/// A disk in memory. The process that works with it may be killed, or lose its power, between any
/// two changes, also within a write: nothing that it does from then on is there for the next one.
/// When the power is lost each file keeps as many of its unsynced changes as chance has it, and so
/// do the names, whatever the others keep: as bad as a disk may be that has a journal.
///
/// Thread-safe but for what says otherwise.
class DiskInMemory {
 public:
  enum class End { kKilled, kPowerLost };

  explicit DiskInMemory(uint32_t seed) : random_(seed) {}

  /// The file system of one process. The disk must outlive it.
  [[nodiscard]] std::unique_ptr<FileSystem> Mount();

  /// The process at work is to end before it has made so many changes and one more.
  void EndAfter(uint64_t changes);
  /// Whether it has made them.
  [[nodiscard]] bool HasEnded() const;

  /// The disk is what the end left of it: the one that has come, else one at this moment. Nobody
  /// may have files open.
  void Restart(End end);

  // For those who have nothing mounted.
  [[nodiscard]] DiskContent Content() const;
  void SetContent(DiskContent content);

  // For the file system.

  template <class Do>
  auto Read(Do read) const {
    const MutexLock lock(mutex_);
    return read(now_);
  }

  /// One change of the disk.
  template <class Do>
  auto Change(Do change) {
    const MutexLock lock(mutex_);
    if (!left_ && changes_until_end_-- == 0) left_ = now_;
    return change(now_);
  }

 private:
  void LosePower() USHER_REQUIRES(mutex_);

  mutable Mutex mutex_;
  DiskContent now_ USHER_GUARDED_BY(mutex_);
  std::optional<DiskContent> left_ USHER_GUARDED_BY(mutex_);  ///< When the end has come.
  uint64_t changes_until_end_ USHER_GUARDED_BY(mutex_) = UINT64_MAX;
  std::mt19937 random_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker::testing
