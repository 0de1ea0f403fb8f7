#include "plugin_host/module_trust.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

#include "platform/linux/elf_runpath.h"
#include "platform/linux/os_error.h"
#include "platform/linux/trusted_path.h"

namespace broker {
namespace {

constexpr mode_t kCopyMode = 0500;
constexpr size_t kChunkBytes = 256UL << 10U;
constexpr std::string_view kOrigin = "$ORIGIN";
constexpr std::string_view kBracedOrigin = "${ORIGIN}";

/// A new, private copy. Removed again unless it is kept.
class Copy {
 public:
  Copy(const UniqueFd& folder, std::string name)
      : folder_(folder),
        name_(std::move(name)),
        file_(::openat(folder.get(), name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                       kCopyMode)) {}
  ~Copy() {
    if (!kept_ && file_) ::unlinkat(folder_.get(), name_.c_str(), 0);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  [[nodiscard]] const UniqueFd& File() const { return file_; }
  void Keep() { kept_ = true; }

 private:
  const UniqueFd& folder_;
  const std::string name_;
  UniqueFd file_;
  bool kept_ = false;
};

/// A file's bytes, mapped read-only. Only for files that nobody else can truncate.
class Mapping {
 public:
  Mapping(const UniqueFd& file, size_t size)
      : size_(size), start_(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0)) {}
  ~Mapping() {
    if (start_ != MAP_FAILED) ::munmap(start_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  [[nodiscard]] bool IsOpen() const { return start_ != MAP_FAILED; }
  [[nodiscard]] std::string_view Bytes() const { return {static_cast<const char*>(start_), size_}; }

 private:
  size_t size_;
  void* start_;
};

Status WriteAll(const UniqueFd& to, const char* bytes, size_t size, const std::string& path) {
  while (size > 0) {
    const ssize_t written = ::write(to.get(), bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return OsError("cannot write", path, errno);
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return {};
}

Status TooLarge(const std::string& path) {
  return {StatusCode::kInvalid, "'" + path + "' is larger than " +
                                    std::to_string(kMaxModuleBytes >> 20U) +
                                    " MiB: too large for a plugin's library"};
}

Result<uint64_t> CopyBytes(const UniqueFd& from, const UniqueFd& to, const std::string& path,
                           const std::string& copy) {
  std::vector<char> chunk(kChunkBytes);
  uint64_t total = 0;
  while (total <= kMaxModuleBytes) {
    const ssize_t got = ::read(from.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return OsError("cannot read", path, errno);
    if (got == 0) return total;
    Status written = WriteAll(to, chunk.data(), static_cast<size_t>(got), copy);
    if (!written.ok()) return written;
    total += static_cast<uint64_t>(got);
  }
  return TooLarge(path);
}

bool SameContent(const struct stat& left, const struct stat& right) {
  return left.st_size == right.st_size && left.st_mtim.tv_sec == right.st_mtim.tv_sec &&
         left.st_mtim.tv_nsec == right.st_mtim.tv_nsec;
}

/// Copies the file, and notices when somebody wrote to it meanwhile.
Result<uint64_t> CopyUnchanged(const UniqueFd& from, const UniqueFd& to, const std::string& path,
                               const std::string& copy) {
  struct stat before = {};
  struct stat after = {};
  if (::fstat(from.get(), &before) != 0) return OsError("cannot examine", path, errno);
  if (static_cast<uint64_t>(before.st_size) > kMaxModuleBytes) return TooLarge(path);
  Result<uint64_t> copied = CopyBytes(from, to, path, copy);
  if (!copied.ok()) return copied;
  if (::fstat(from.get(), &after) != 0) return OsError("cannot examine", path, errno);
  if (!SameContent(before, after) || copied.value() != static_cast<uint64_t>(after.st_size)) {
    return Status(
        StatusCode::kUnavailable,
        "'" + path + "' was changed while it was read; load it again once it is complete");
  }
  return copied;
}

/// `entry` with $ORIGIN replaced by `folder`; false if the loader would replace more than that.
bool Expand(std::string_view entry, const std::string& folder, std::string& out) {
  out.clear();
  while (!entry.empty()) {
    const std::string_view token = entry.starts_with(kOrigin)         ? kOrigin
                                   : entry.starts_with(kBracedOrigin) ? kBracedOrigin
                                                                      : std::string_view();
    if (token.empty() && entry.front() == '$') return false;
    if (token.empty()) out.push_back(entry.front());
    if (!token.empty()) out.append(folder);
    entry.remove_prefix(token.empty() ? 1 : token.size());
    if (!token.empty() && !entry.empty() && entry.front() != '/') return false;
  }
  return true;
}

Status CheckSearchEntry(const std::string& entry, const std::string& origin) {
  std::string folder;
  if (!Expand(entry, origin, folder)) {
    return {StatusCode::kPermission, "only $ORIGIN is understood there"};
  }
  if (!folder.starts_with('/')) {
    return {StatusCode::kPermission, "it depends on the working directory"};
  }
  return CheckSearchFolder(folder);
}

/// `origins`: what $ORIGIN may mean.
Status CheckSearch(const ElfSearch& search, const std::array<std::string, 2>& origins) {
  for (const std::string& entry : search.folders) {
    for (const std::string& origin : origins) {
      const Status checked = CheckSearchEntry(entry, origin);
      if (checked.ok()) continue;
      return {checked.code(),
              "its RUNPATH has the folder '" + entry +
                  "', from which others could slip in a library: " + checked.message() +
                  ". Build it without (CMake: set BUILD_RPATH and INSTALL_RPATH "
                  "to \"\", or BUILD_WITH_INSTALL_RPATH)"};
    }
  }
  if (search.files.empty()) return {};
  return {StatusCode::kPermission, "it needs the library '" + search.files.front() +
                                       "' by path, not by name; build that one with a SONAME"};
}

std::string FolderOf(const std::string& path) {
  std::error_code ignored;  // It was opened already.
  return std::filesystem::absolute(path, ignored).parent_path().string();
}

Status CheckLibrary(const UniqueFd& copy, size_t size, const std::array<std::string, 2>& origins) {
  if (size == 0) return {StatusCode::kInvalid, "is not a shared library: it is empty"};
  const Mapping mapping(copy, size);
  if (!mapping.IsOpen()) return OsError("cannot map", "the copy", errno);
  const Result<ElfSearch> search = ReadElfSearch(mapping.Bytes());
  if (!search.ok()) return search.status();
  Status trusted = CheckSearch(search.value(), origins);
  if (trusted.ok()) return trusted;
  return {trusted.code(), "is not trusted: " + trusted.message()};
}

Status CheckPrivate(const UniqueFd& folder, const std::string& path) {
  struct stat info = {};
  if (::fstat(folder.get(), &info) != 0) return OsError("cannot examine", path, errno);
  if (info.st_uid == ::geteuid() && (info.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return {StatusCode::kPermission, "the folder '" + path +
                                       "' for copies of libraries must belong to the broker's own "
                                       "user with mode 0700; remove it, and it is made anew"};
}

/// The loader knows libraries by name, so a name must never come back while a process lives.
Result<std::string> UniqueName(const std::string& path) {
  uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
    return OsError("cannot get a random number for", path, errno);
  }
  const std::filesystem::path file(path);
  return file.stem().string().substr(0, 100) + "-" + std::to_string(number) +
         file.extension().string().substr(0, 16);
}

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

/// Removes every file in the folder.
Status Empty(const UniqueFd& folder, const std::string& path) {
  const int fd = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return OsError("cannot open", path, errno);
  const std::unique_ptr<DIR, DirectoryCloser> directory(::fdopendir(fd));
  if (directory == nullptr) {
    const int error = errno;
    ::close(fd);
    return OsError("cannot open", path, error);
  }
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (::unlinkat(folder.get(), entry->d_name, 0) != 0 && errno != ENOENT) {
      return OsError("cannot remove", path + "/" + entry->d_name, errno);
    }
  }
  return {};
}

Status CheckExecutable(const UniqueFd& folder, const std::string& path) {
  struct statvfs info = {};
  if (::fstatvfs(folder.get(), &info) != 0)
    return OsError("cannot examine the file system of", path, errno);
  if ((info.f_flag & ST_NOEXEC) == 0) return {};
  return {StatusCode::kPermission, "the folder '" + path +
                                       "' for copies of libraries lies on a file system that is "
                                       "mounted noexec; choose another state directory"};
}

}  // namespace

Status PrepareCopyDirectory(const std::string& directory) {
  const Result<UniqueFd> folder = MakeTrustedFolder(directory);
  if (!folder.ok()) return folder.status();
  Status status = CheckPrivate(folder.value(), directory);
  if (status.ok()) status = CheckExecutable(folder.value(), directory);
  if (status.ok()) status = Empty(folder.value(), directory);
  return status;
}

Result<std::string> CopyTrusted(const std::string& path, const std::string& directory) {
  const Result<UniqueFd> library = OpenTrustedFile(path);
  if (!library.ok()) return library.status();
  const Result<UniqueFd> folder = MakeTrustedFolder(directory);
  if (!folder.ok()) return folder.status();
  Status owned = CheckPrivate(folder.value(), directory);
  if (!owned.ok()) return owned;
  const Result<std::string> name = UniqueName(path);
  if (!name.ok()) return name.status();
  const std::string target = directory + "/" + name.value();
  Copy copy(folder.value(), name.value());
  if (!copy.File()) return OsError("cannot create", target, errno);
  const Result<uint64_t> size = CopyUnchanged(library.value(), copy.File(), path, target);
  if (!size.ok()) return size.status();
  Status checked = CheckLibrary(copy.File(), size.value(), {FolderOf(path), FolderOf(target)});
  if (!checked.ok()) return Status(checked.code(), "'" + path + "' " + checked.message());
  copy.Keep();
  return target;
}

Status CheckTrustedFile(const std::string& path) {
  return OpenTrustedFile(path).status();
}

}  // namespace broker
