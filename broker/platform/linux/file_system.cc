#include "eventlog/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "platform/linux/files.h"
#include "platform/linux/os_error.h"
#include "platform/linux/readers_group.h"

namespace broker {
namespace {

constexpr uint32_t kFileMode = 0640;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

/// The directory that `path` stands in, and its name there.
std::pair<std::string, std::string> SplitPath(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

/// Removes a file at the end unless it was kept.
class Temporary {
 public:
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

Status WriteNewFile(const std::string& path, std::string_view content, uint32_t mode) {
  ::unlink(path.c_str());  // One that a process of this id left behind when it died.
  const Result<UniqueFd> fd = OpenRegular(path, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!fd.ok()) return fd.status();
  // open(2) took the umask off.
  if (::fchmod(fd->get(), mode) != 0) return OsError("cannot set the mode of", path, errno);
  size_t written = 0;
  Status status = WriteAll(fd->get(), path, content, &written);
  if (!status.ok()) return status;
  if (::fsync(fd->get()) != 0) return OsError("cannot sync", path, errno);
  return {};
}

bool IsDirectory(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

class LinuxFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path) override {
    return OpenAppendFile(path, kFileMode);
  }

  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override {
    return OpenReadFile(path);
  }

  Result<std::string> ReadAll(const std::string& path, uint64_t limit) override;
  Status Replace(const std::string& path, std::string_view content, uint32_t mode) override;
  Status Overwrite(const std::string& path, std::string_view content) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;

  Result<bool> IsFile(const std::string& path) override {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return OsError("cannot examine", path, errno);
    return S_ISREG(info.st_mode);
  }

  Status Remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return OsError("cannot remove", path, errno);
    return {};
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
    return OsError("cannot rename '" + from + "' to", to, errno);
  }

  Status MakeDirectories(const std::string& path, uint32_t mode) override;
  Status SyncDirectory(const std::string& path) override;

  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    return LockFile(path);
  }

 private:
  Status MakeDirectory(const std::string& path, uint32_t mode);

  std::atomic<uint64_t> temporaries_{0};
};

Result<std::string> LinuxFileSystem::ReadAll(const std::string& path, uint64_t limit) {
  const Result<std::unique_ptr<ReadFile>> file = OpenReadFile(path);
  if (!file.ok()) return file.status();
  const Result<uint64_t> size = file.value()->Size();
  if (!size.ok()) return size.status();
  // One byte more than it had, to see its end; it may grow meanwhile, but not beyond the limit.
  std::string content(std::min(size.value(), limit) + 1, '\0');
  size_t length = 0;
  while (length <= limit) {
    if (length == content.size()) content.resize(std::min<uint64_t>(2 * length, limit + 1));
    const Result<size_t> count =
        file.value()->ReadAt(length, std::span<char>(content).subspan(length));
    if (!count.ok()) return count.status();
    if (count.value() == 0) {
      content.resize(length);
      return content;
    }
    length += count.value();
  }
  return Status(StatusCode::kInvalid, "'" + path + "' is too large: it has more than " +
                                          std::to_string(limit) + " bytes");
}

Status LinuxFileSystem::Replace(const std::string& path, std::string_view content, uint32_t mode) {
  const auto [directory, name] = SplitPath(path);
  const std::string temporary = directory + "/." + name + "." + std::to_string(::getpid()) + "-" +
                                std::to_string(++temporaries_) + ".new";
  Temporary cleanup(temporary);
  Status status = WriteNewFile(temporary, content, mode);
  if (!status.ok()) return status;
  status = Rename(temporary, path);
  if (!status.ok()) return status;
  cleanup.Keep();
  return SyncDirectory(directory);
}

Status LinuxFileSystem::Overwrite(const std::string& path, std::string_view content) {
  const Result<UniqueFd> fd = OpenRegular(path, O_WRONLY, 0);
  if (!fd.ok()) return fd.status();
  struct stat info {};
  if (::fstat(fd->get(), &info) != 0) return OsError("cannot examine", path, errno);
  if (static_cast<uint64_t>(info.st_size) != content.size()) {
    return {StatusCode::kInvalid, "'" + path + "' is of another size"};
  }
  size_t written = 0;
  Status status = WriteAll(fd->get(), path, content, &written);
  if (!status.ok()) return status;
  if (::fdatasync(fd->get()) != 0) return OsError("cannot sync", path, errno);
  return {};
}

Result<std::vector<std::string>> LinuxFileSystem::List(const std::string& directory) {
  const std::unique_ptr<DIR, CloseDirectory> opened(::opendir(directory.c_str()));
  if (!opened) return OsError("cannot list the directory", directory, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(opened.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  if (errno != 0) return OsError("cannot list the directory", directory, errno);
  std::sort(names.begin(), names.end());
  return names;
}

Status LinuxFileSystem::MakeDirectory(const std::string& path, uint32_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) {
    Status synced = SyncDirectory(SplitPath(path).first);
    // One may make directories where one may not look.
    return synced.code() == StatusCode::kPermission ? Status() : synced;
  }
  const int error = errno;
  if (IsDirectory(path)) return {};
  if (error != EEXIST) return OsError("cannot make the directory", path, error);
  return {StatusCode::kInvalid,
          "cannot make the directory '" + path +
              "': there is something else of that name; remove it, or choose another path"};
}

Status LinuxFileSystem::MakeDirectories(const std::string& path, uint32_t mode) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    Status made = MakeDirectory(path.substr(0, slash), mode);
    if (!made.ok()) return made;
  }
  return MakeDirectory(path, mode);
}

Status LinuxFileSystem::SyncDirectory(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return OsError("cannot open the directory", path, errno);
  // EINVAL: this file system syncs no directories, fsync(2).
  if (::fsync(fd.get()) == 0 || errno == EINVAL) return {};
  return OsError("cannot sync the directory", path, errno);
}

}  // namespace

std::unique_ptr<FileSystem> MakeFileSystem() {
  return std::make_unique<LinuxFileSystem>();
}

namespace {

constexpr mode_t kModeBits = 07777;
constexpr mode_t kSharedMode = 02750;  // Set-group-id: files made in it belong to the group, too.

bool IsShared(const std::string& directory, gid_t group) {
  struct stat info {};
  return ::lstat(directory.c_str(), &info) == 0 && info.st_gid == group &&
         (info.st_mode & kModeBits) == kSharedMode;
}

}  // namespace

Status CheckUsable(const std::string& directory) {
  std::string nearest = directory;
  struct stat info {};
  while (::stat(nearest.c_str(), &info) != 0) {
    if (errno != ENOENT || nearest == "/") return OsError("cannot use", directory, errno);
    nearest = SplitPath(nearest).first;
  }
  if (!S_ISDIR(info.st_mode)) return OsError("cannot use", nearest, ENOTDIR);
  if (::faccessat(AT_FDCWD, nearest.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return {};
  return OsError(nearest == directory ? "cannot write to the directory"
                                      : "cannot make '" + directory + "' in the directory",
                 nearest, errno);
}

Status ShareWithReaders(const std::string& directory) {
  const std::optional<gid_t> group = ReadersGroup();
  if (!group || IsShared(directory, *group)) return {};
  // A hardened service may not set the bit (RestrictSUIDSGID=, systemd.exec(5)), but may find it
  // set.
  const bool given = ::lchown(directory.c_str(), 0, *group) == 0 &&
                     (IsShared(directory, *group) || ::chmod(directory.c_str(), kSharedMode) == 0);
  if (given && IsShared(directory, *group)) return {};
  return {StatusCode::kPermission, "cannot give the group usher the directory '" + directory +
                                       "'; do it by hand: install -d -o root -g usher -m 2750 '" +
                                       directory + "'"};
}

}  // namespace broker
