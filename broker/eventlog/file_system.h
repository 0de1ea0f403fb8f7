#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/status.h"

namespace broker {

/// A file opened for appending. Closed when destroyed. Not thread-safe, but for Sync, which may be
/// called on another thread meanwhile.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  /// Writes all of `bytes` at the end. On failure some of them may have been written: Size() tells.
  /// kCorrupt, with nothing written, when another process has removed the file, or cut or extended
  /// it since this object last did.
  virtual Status Append(std::string_view bytes) = 0;
  /// Returns when everything appended is on the disk: fdatasync(2). Never retried after a failure.
  virtual Status Sync() = 0;
  /// Sees to it that the file can grow to `size` bytes without needing more of the disk; its size
  /// stays. A file system that cannot do it does nothing. fallocate(2).
  virtual Status Reserve(uint64_t size) = 0;
  /// Cuts the file to `size` bytes, and gives back what was reserved behind.
  virtual Status Truncate(uint64_t size) = 0;
  /// Bytes in the file, as this object knows it.
  [[nodiscard]] virtual uint64_t Size() const = 0;
};

/// A file opened for reading at any offset. Thread-safe.
class ReadFile {
 public:
  virtual ~ReadFile() = default;
  /// Reads up to `into.size()` bytes at `offset`; 0 = end of file. pread(2).
  virtual Result<size_t> ReadAt(uint64_t offset, std::span<char> into) const = 0;
  [[nodiscard]] virtual Result<uint64_t> Size() const = 0;
  /// Whether the path it was opened by still names this file: false when it was removed, renamed or
  /// replaced. Linux: stat(2).
  [[nodiscard]] virtual bool IsStillNamed() const = 0;
};

/// Holds a lock until destroyed.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

/// The few file operations the broker needs; faked in tests to script failures. Thread-safe.
///
/// Paths are UTF-8. Errors name the path, the call, the code and its meaning.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Opens for appending; creates it (mode 0640) where it is missing. Neither this nor OpenRead
  /// follows a link at the end or opens anything but a regular file.
  virtual Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path) = 0;
  virtual Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) = 0;
  /// The whole content; kInvalid when it has more than `limit` bytes.
  virtual Result<std::string> ReadAll(const std::string& path, uint64_t limit) = 0;
  /// Replaces the file atomically (new file, sync, rename, directory sync), with this mode. On
  /// failure the old content stands, or, if only the last sync failed, the new one.
  virtual Status Replace(const std::string& path, std::string_view content, uint32_t mode) = 0;
  /// Writes over the content of a file in place, and syncs it: needs no space, but is only atomic
  /// as far as the disk's sectors are. kNotFound where there is none, kInvalid for one of another
  /// size.
  virtual Status Overwrite(const std::string& path, std::string_view content) = 0;
  /// Names in a directory, sorted, "." and ".." left out.
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;
  /// Whether what has this name is a regular file; a link to one is not.
  virtual Result<bool> IsFile(const std::string& path) = 0;
  virtual Status Remove(const std::string& path) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  /// Makes the directory and the missing ones above it, with this mode.
  virtual Status MakeDirectories(const std::string& path, uint32_t mode) = 0;
  /// Makes new and removed names of the directory durable.
  virtual Status SyncDirectory(const std::string& path) = 0;
  /// Takes the lock file for this process, not for children that it forks; kExists when another
  /// process holds it. To be taken once a process, and the file not to be opened otherwise.
  /// Linux: F_SETLK of fcntl(2).
  virtual Result<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
};

/// The system's own files. Implemented once per system in platform/*/file_system.cc.
std::unique_ptr<FileSystem> MakeFileSystem();

/// Removes what FileSystem::Replace was making in the directory when its process was killed. Nobody
/// else may be writing there.
void RemoveTemporaries(FileSystem& files, const std::string& directory);

/// Whether this process may make files in `directory`, or could make it; else what is in the way.
/// Changes nothing.
Status CheckUsable(const std::string& directory);

/// Gives the directory, and the files that will be made in it, to those who may read the log, where
/// the broker runs as root and the system has a group `usher`; else nothing is changed.
Status ShareWithReaders(const std::string& directory);

}  // namespace broker
