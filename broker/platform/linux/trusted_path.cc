#include "platform/linux/trusted_path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "platform/linux/os_error.h"

namespace broker {
namespace {

constexpr int kMaxLinks = 40;  // As the kernel has it: path_resolution(7).
constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
constexpr mode_t kNewFolderMode = 0700;

bool OnlyOwnerWrites(const struct stat& info) {
  return (info.st_mode & kOthersWrite) == 0;
}

bool IsSharedSafely(const struct stat& info) {
  return info.st_uid == 0 && (info.st_mode & S_ISVTX) != 0;
}

Status Untrusted(const std::string& path, std::string_view why) {
  return {StatusCode::kPermission, "'" + path + "' is not trusted: " + std::string(why)};
}

Status OthersWrite(const std::string& path, bool sticky) {
  return Untrusted(path, sticky ? "every user can put files there; choose a folder of your own"
                                : "others than its owner can write to it; run chmod go-w on it");
}

Status CheckOwnerAndMode(const std::string& path, const struct stat& info) {
  Status owner = CheckOwner(path, info.st_uid, ::geteuid());
  if (!owner.ok()) return owner;
  if (!OnlyOwnerWrites(info)) return OthersWrite(path, false);
  return {};
}

Status CheckFolder(const std::string& path, const struct stat& info) {
  if (IsSharedSafely(info)) return {};
  return CheckOwnerAndMode(path, info);
}

/// In a folder that others may put entries into, one of several names may be a link that one of
/// them has made to a file elsewhere.
Status CheckNames(const std::string& path, const struct stat& info, const struct stat& folder) {
  if (OnlyOwnerWrites(folder) || info.st_nlink <= 1) return {};
  return Untrusted(path,
                   "it has several names, and this one, in a folder of everybody's, may be another "
                   "user's doing; choose a folder of your own");
}

UniqueFd OpenComponent(const UniqueFd& folder, const std::string& name) {
  return UniqueFd(::openat(folder.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

/// What is to be done where a folder is missing.
enum class Missing { kFail, kMake };

Status NoProgram(const std::string& path, const struct stat& info) {
  const char* what = "a device";
  if (S_ISDIR(info.st_mode)) what = "a folder";
  if (S_ISFIFO(info.st_mode)) what = "a pipe";
  if (S_ISSOCK(info.st_mode)) what = "a socket";
  return {StatusCode::kInvalid,
          "'" + path + "' is " + what + " and no program; name the program itself"};
}

/// Goes down a path, one component at a time, judging each folder that it enters.
class Walk {
 public:
  /// The last component stays for the caller unless `whole`.
  Status Go(const std::string& path, bool whole, Missing missing);

  /// After Go: follows the last component while it is a link, and opens what it leads to (O_PATH).
  Result<UniqueFd> OpenLast();

  [[nodiscard]] const UniqueFd& Folder() const { return folder_; }
  [[nodiscard]] UniqueFd TakeFolder() { return std::move(folder_); }
  [[nodiscard]] const struct stat& Info() const { return info_; }
  [[nodiscard]] const struct stat& LastInfo() const { return last_info_; }
  [[nodiscard]] const std::string& At() const { return at_; }
  [[nodiscard]] const std::string& Last() const { return last_; }

 private:
  void Push(const std::filesystem::path& path);
  Status TakeLast(const std::string& path);
  Status GoOn(Missing missing);
  Status EnterRoot();
  Status Enter(const std::string& name, Missing missing);
  Status Accept(UniqueFd opened, const struct stat& info, std::string path);
  Status Follow(const UniqueFd& link, const struct stat& info, const std::string& path);
  [[nodiscard]] std::string PathOf(const std::string& name) const;

  std::deque<std::string> todo_;
  std::string last_;
  UniqueFd folder_;
  struct stat info_ = {};
  struct stat last_info_ = {};
  std::string at_;
  int links_ = 0;
};

Status Walk::Go(const std::string& path, bool whole, Missing missing) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (error || path.empty()) return {StatusCode::kInvalid, "'" + path + "' is not a path"};
  Push(absolute);
  Status status = whole ? Status() : TakeLast(path);
  if (status.ok()) status = EnterRoot();
  return status.ok() ? GoOn(missing) : status;
}

Status Walk::TakeLast(const std::string& path) {
  if (todo_.empty() || todo_.back() == "..") {
    return {StatusCode::kInvalid, "'" + path + "' does not name a file"};
  }
  last_ = todo_.back();
  todo_.pop_back();
  return {};
}

Status Walk::GoOn(Missing missing) {
  Status status;
  while (status.ok() && !todo_.empty()) {
    const std::string name = todo_.front();
    todo_.pop_front();
    status = Enter(name, missing);
  }
  return status;
}

Result<UniqueFd> Walk::OpenLast() {
  while (true) {
    const std::string path = PathOf(last_);
    UniqueFd opened = OpenComponent(folder_, last_);
    if (!opened || ::fstat(opened.get(), &last_info_) != 0) {
      return OsError("cannot open", path, errno);
    }
    if (!S_ISLNK(last_info_.st_mode)) return opened;
    Status followed = Follow(opened, last_info_, path);
    if (followed.ok()) followed = TakeLast(path);
    if (followed.ok()) followed = GoOn(Missing::kFail);
    if (!followed.ok()) return followed;
  }
}

void Walk::Push(const std::filesystem::path& path) {
  std::deque<std::string> names;
  for (const auto& part : path.relative_path()) {
    if (!part.empty() && part != ".") names.push_back(part.string());
  }
  todo_.insert(todo_.begin(), names.begin(), names.end());
}

Status Walk::EnterRoot() {
  UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat info = {};
  if (!root || ::fstat(root.get(), &info) != 0) return OsError("cannot open", "/", errno);
  return Accept(std::move(root), info, "/");
}

std::string Walk::PathOf(const std::string& name) const {
  return (std::filesystem::path(at_) / name).lexically_normal().string();
}

Status Walk::Enter(const std::string& name, Missing missing) {
  const std::string path = PathOf(name);
  UniqueFd opened = OpenComponent(folder_, name);
  if (!opened && errno == ENOENT && missing == Missing::kMake) {
    if (::mkdirat(folder_.get(), name.c_str(), kNewFolderMode) != 0 && errno != EEXIST) {
      return OsError("cannot make the folder", path, errno);
    }
    opened = OpenComponent(folder_, name);
  }
  struct stat info = {};
  if (!opened || ::fstat(opened.get(), &info) != 0) return OsError("cannot open", path, errno);
  if (S_ISLNK(info.st_mode)) return Follow(opened, info, path);
  if (!S_ISDIR(info.st_mode)) return OsError("cannot open", path, ENOTDIR);
  return Accept(std::move(opened), info, path);
}

Status Walk::Accept(UniqueFd opened, const struct stat& info, std::string path) {
  Status checked = CheckFolder(path, info);
  if (!checked.ok()) return checked;
  folder_ = std::move(opened);
  info_ = info;
  at_ = std::move(path);
  return {};
}

Status Walk::Follow(const UniqueFd& link, const struct stat& info, const std::string& path) {
  Status checked = CheckOwner(path, info.st_uid, ::geteuid());
  if (checked.ok()) checked = CheckNames(path, info, info_);
  if (!checked.ok()) return checked;
  if (++links_ > kMaxLinks) {
    return {StatusCode::kInvalid,
            "'" + path + "' leads in a circle, or through too many links (ELOOP, code " +
                std::to_string(ELOOP) + "); let it lead to the file itself"};
  }
  std::array<char, PATH_MAX> buffer{};
  const ssize_t size = ::readlinkat(link.get(), "", buffer.data(), buffer.size());
  if (size < 0) return OsError("cannot read the link", path, errno);
  const std::filesystem::path target(std::string(buffer.data(), static_cast<size_t>(size)));
  Push(target);
  return target.is_absolute() ? EnterRoot() : Status();
}

}  // namespace

Status CheckOwner(const std::string& path, uid_t owner, uid_t self) {
  if (owner == 0 || owner == self) return {};
  return Untrusted(path, "it belongs to user " + std::to_string(owner) +
                             ", and neither to root nor to the broker's own user (" +
                             std::to_string(self) + "); let one of them own it");
}

Result<UniqueFd> OpenTrustedFile(const std::string& path) {
  Walk walk;
  Status walked = walk.Go(path, false, Missing::kFail);
  if (!walked.ok()) return walked;
  // Not blocking: a FIFO would wait for its writer before it could be refused.
  UniqueFd file(::openat(walk.Folder().get(), walk.Last().c_str(),
                         O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info = {};
  if (!file && errno == ELOOP) {
    return Untrusted(path, "it is a symbolic link; name the file itself");
  }
  if (!file || ::fstat(file.get(), &info) != 0) return OsError("cannot open", path, errno);
  if (!S_ISREG(info.st_mode)) return Untrusted(path, "it is not a regular file");
  Status checked = CheckOwnerAndMode(path, info);
  if (checked.ok()) checked = CheckNames(path, info, walk.Info());
  if (!checked.ok()) return checked;
  return file;
}

Result<UniqueFd> OpenTrustedProgram(const std::string& path) {
  Walk walk;
  Status checked = walk.Go(path, false, Missing::kFail);
  if (!checked.ok()) return checked;
  Result<UniqueFd> file = walk.OpenLast();
  if (!file.ok()) return file;
  if (!S_ISREG(walk.LastInfo().st_mode)) return NoProgram(path, walk.LastInfo());
  checked = CheckOwnerAndMode(path, walk.LastInfo());
  if (checked.ok()) checked = CheckNames(path, walk.LastInfo(), walk.Info());
  if (!checked.ok()) return checked;
  return file;
}

Result<UniqueFd> MakeTrustedFolder(const std::string& path) {
  Walk walk;
  Status walked = walk.Go(path, true, Missing::kMake);
  if (!walked.ok()) return walked;
  return walk.TakeFolder();
}

Status CheckSearchFolder(const std::string& path) {
  Walk walk;
  Status walked = walk.Go(path, true, Missing::kFail);
  if (!walked.ok() && walked.code() != StatusCode::kNotFound) return walked;
  // Where the path ends early, its rest can be made by whoever can write to the last folder.
  if (!OnlyOwnerWrites(walk.Info())) return OthersWrite(walk.At(), true);
  return {};
}

}  // namespace broker
