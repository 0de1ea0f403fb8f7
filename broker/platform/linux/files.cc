#include "platform/linux/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "platform/linux/os_error.h"

namespace broker {
namespace {

constexpr uint32_t kLockMode = 0600;

Result<uint64_t> SizeOf(int fd, const std::string& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return OsError("cannot examine", path, errno);
  return static_cast<uint64_t>(info.st_size);
}

bool SameFile(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// Whether `path` names the file that `info` was taken of.
bool Names(const std::string& path, const struct stat& info) {
  struct stat named {};
  return ::lstat(path.c_str(), &named) == 0 && SameFile(named, info);
}

std::string CannotOpen(const std::string& path) {
  return "cannot open '" + path + "': ";
}

Status NoRegularFile(const std::string& path) {
  return {StatusCode::kInvalid, CannotOpen(path) + "it is not a regular file; move it away"};
}

/// Of a file that has a name of the broker's own choice.
Status WhyNotOpened(const std::string& path, int error) {
  if (error == ENXIO) return NoRegularFile(path);  // A FIFO that nobody reads, or a socket.
  struct stat named {};
  const bool is_link =
      error == ELOOP && ::lstat(path.c_str(), &named) == 0 && S_ISLNK(named.st_mode);
  if (!is_link) return OsError("cannot open", path, error);
  return {StatusCode::kInvalid, CannotOpen(path) +
                                    "it is a link, and none is followed there (ELOOP, code " +
                                    std::to_string(error) + "); move it away"};
}

class LinuxAppendFile final : public AppendFile {
 public:
  /// `info` is what fstat(2) said of `fd`.
  LinuxAppendFile(std::string path, UniqueFd fd, const struct stat& info)
      : path_(std::move(path)),
        fd_(std::move(fd)),
        opened_(info),
        size_(static_cast<uint64_t>(info.st_size)) {}

  Status Append(std::string_view bytes) override {
    Status unchanged = CheckUnchanged();
    if (!unchanged.ok()) return unchanged;
    size_t written = 0;
    Status status = WriteAll(fd_.get(), path_, bytes, &written);
    size_ += written;
    return status;
  }

  Status Sync() override {
    if (::fdatasync(fd_.get()) != 0) return OsError("cannot sync", path_, errno);
    return {};
  }

  Status Reserve(uint64_t size) override {
    // EOPNOTSUPP: this file system reserves nothing, fallocate(2).
    if (size <= size_ ||
        ::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) == 0 ||
        errno == EOPNOTSUPP) {
      return {};
    }
    return OsError("cannot reserve space for", path_, errno);
  }

  Status Truncate(uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      return OsError("cannot cut", path_, errno);
    }
    size_ = size;
    return {};
  }

  [[nodiscard]] uint64_t Size() const override { return size_; }

 private:
  /// What is appended to a file that somebody removed is lost, and behind somebody else's end it
  /// would be glued to half a line. One look at the name tells that all is well.
  Status CheckUnchanged() const {
    struct stat named {};
    if (::lstat(path_.c_str(), &named) == 0 && SameFile(named, opened_) &&
        static_cast<uint64_t>(named.st_size) == size_) {
      return {};
    }
    return WhatChanged();
  }

  Status WhatChanged() const {
    struct stat info {};
    if (::fstat(fd_.get(), &info) != 0) return OsError("cannot examine", path_, errno);
    if (!Names(path_, info)) {
      return {StatusCode::kCorrupt, "'" + path_ + "' was removed or renamed by another process"};
    }
    const auto size = static_cast<uint64_t>(info.st_size);
    if (size == size_) return {};
    return {StatusCode::kCorrupt, "'" + path_ + "' was changed by another process: it has " +
                                      std::to_string(size) + " bytes instead of " +
                                      std::to_string(size_)};
  }

  const std::string path_;
  const UniqueFd fd_;
  const struct stat opened_;
  uint64_t size_;
};

class LinuxReadFile final : public ReadFile {
 public:
  LinuxReadFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Result<size_t> ReadAt(uint64_t offset, std::span<char> into) const override {
    while (true) {
      const ssize_t count =
          ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) return OsError("cannot read", path_, errno);
    }
  }

  [[nodiscard]] Result<uint64_t> Size() const override { return SizeOf(fd_.get(), path_); }

  [[nodiscard]] bool IsStillNamed() const override {
    struct stat info {};
    return ::fstat(fd_.get(), &info) != 0 || Names(path_, info);
  }

 private:
  const std::string path_;
  const UniqueFd fd_;
};

class LinuxFileLock final : public FileLock {
 public:
  explicit LinuxFileLock(UniqueFd fd) : fd_(std::move(fd)) {}

 private:
  const UniqueFd fd_;
};

}  // namespace

Result<UniqueFd> OpenRegular(const std::string& path, int flags, uint32_t mode) {
  // O_NONBLOCK: opening a FIFO would wait for its other end; regular files do not mind.
  UniqueFd fd(::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode));
  if (!fd) return WhyNotOpened(path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return OsError("cannot examine", path, errno);
  if (S_ISREG(info.st_mode)) return fd;
  return NoRegularFile(path);
}

Status WriteAll(int fd, const std::string& path, std::string_view bytes, size_t* written) {
  while (*written < bytes.size()) {
    const ssize_t count = ::write(fd, bytes.data() + *written, bytes.size() - *written);
    if (count >= 0) {
      *written += static_cast<size_t>(count);
    } else if (errno != EINTR) {
      return OsError("cannot write to", path, errno);
    }
  }
  return {};
}

Result<std::unique_ptr<AppendFile>> OpenAppendFile(const std::string& path, uint32_t mode) {
  Result<UniqueFd> fd = OpenRegular(path, O_WRONLY | O_APPEND | O_CREAT, mode);
  if (!fd.ok()) return fd.status();
  struct stat info {};
  if (::fstat(fd->get(), &info) != 0) return OsError("cannot examine", path, errno);
  return std::unique_ptr<AppendFile>(
      std::make_unique<LinuxAppendFile>(path, std::move(fd).value(), info));
}

Result<std::unique_ptr<ReadFile>> OpenReadFile(const std::string& path) {
  Result<UniqueFd> fd = OpenRegular(path, O_RDONLY, 0);
  if (!fd.ok()) return fd.status();
  return std::unique_ptr<ReadFile>(std::make_unique<LinuxReadFile>(path, std::move(fd).value()));
}

Result<std::unique_ptr<FileLock>> LockFile(const std::string& path) {
  Result<UniqueFd> fd = OpenRegular(path, O_RDWR | O_CREAT, kLockMode);
  if (!fd.ok()) return fd.status();
  // Not flock(2): a child that a plugin forked would hold that beyond the broker's end.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  if (::fcntl(fd->get(), F_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES) return OsError("cannot lock", path, errno);
    return Status(StatusCode::kExists, "'" + path + "' is locked by another process");
  }
  return std::unique_ptr<FileLock>(std::make_unique<LinuxFileLock>(std::move(fd).value()));
}

}  // namespace broker
