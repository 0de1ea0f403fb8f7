#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "event/mutex.h"
#include "tests/support/forwarding_file_system.h"

namespace broker::testing {

/// What of a directory tree is durable: a second tree, `shadow`, that holds each file with the
/// content of its last sync and each directory with the names of its own. It outlives the process,
/// so that a test can kill the broker and then take the power away, too.
///
///     shadow/inodes/N   what inode N of the real tree has for good
///     shadow/tree/…     the durable names: hard links to those
///
/// Worse than most disks: nothing becomes durable before it is asked for. Thread-safe. Throws
/// std::runtime_error when the shadow cannot be written: the test is at an end then.
class DurableTree {
 public:
  /// Goes on with the shadow that is there; else all that stands below `root` is durable.
  DurableTree(std::string root, std::string shadow);

  /// Runs `call`, one at a time, as names change by it.
  template <class Do>
  auto Exclusively(Do call) {
    const MutexLock lock(mutex_);
    return call();
  }

  // Under Exclusively. Paths outside `root` are none of its business.

  /// The file that is open as `fd` has its first `size` bytes for good; the first `clean` of them
  /// did not change since it was synced before.
  void SyncFile(int fd, uint64_t clean, uint64_t size);
  /// The file at `path` has `content` for good.
  void SyncContent(const std::string& path, std::string_view content);
  /// The directory's names are durable.
  void SyncNames(const std::string& directory);
  /// The file at `path` has just been made, and nothing of it is durable.
  void BeginFile(const std::string& path);
  /// The file of this inode is gone, or has just been made.
  void Forget(uint64_t inode);

 private:
  struct TakeAll {};
  DurableTree(const std::string& root, const std::string& shadow, TakeAll);
  [[nodiscard]] bool IsMirrored(const std::string& path) const;
  [[nodiscard]] std::string InTree(const std::string& path) const;
  [[nodiscard]] std::string InodePath(uint64_t inode) const;
  void LinkFile(const std::string& path, const std::string& name);

  const std::string root_;
  const std::string shadow_;
  Mutex mutex_;
};

/// The file system below, with a DurableTree that follows what is synced.
class PowerLossFileSystem final : public ForwardingFileSystem {
 public:
  PowerLossFileSystem(std::string root, std::string shadow,
                      std::unique_ptr<FileSystem> files = MakeFileSystem());

  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path) override;
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override;
  Status Overwrite(const std::string& path, std::string_view content) override;
  Status Remove(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status MakeDirectories(const std::string& path, uint32_t mode) override;
  Status SyncDirectory(const std::string& path) override;

 private:
  template <class Do>
  Status Replacing(const std::string& path, Do call);

  DurableTree durable_;
};

/// Puts `root` back to what was durable, and forgets the shadow. Nothing may have files open there.
void LosePower(const std::string& root, const std::string& shadow);

}  // namespace broker::testing
