#include "tests/support/power_loss_file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "platform/linux/unique_fd.h"

namespace broker::testing {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0600;

void Check(bool good, const std::string& what) {
  if (!good) throw std::runtime_error("cannot keep the shadow: " + what + ": " + strerror(errno));
}

/// Its inode; 0 where there is no regular file of that name.
uint64_t InodeOf(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) ? info.st_ino : 0;
}

UniqueFd OpenShadow(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode));
  Check(fd.get() >= 0, path);
  return fd;
}

std::string ReadPart(int fd, uint64_t from, uint64_t to) {
  std::string part(to - from, '\0');
  size_t done = 0;
  while (done < part.size()) {
    const ssize_t count =
        ::pread(fd, &part[done], part.size() - done, static_cast<off_t>(from + done));
    Check(count >= 0, "reading");
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  part.resize(done);
  return part;
}

/// The shadow ends behind `bytes`.
void WritePart(const UniqueFd& fd, uint64_t at, std::string_view bytes) {
  const ssize_t count = ::pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
  Check(count == static_cast<ssize_t>(bytes.size()), "writing");
  Check(::ftruncate(fd.get(), static_cast<off_t>(at + bytes.size())) == 0, "cutting");
}

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class PowerLossAppendFile final : public ForwardingAppendFile {
 public:
  PowerLossAppendFile(DurableTree& durable, std::unique_ptr<AppendFile> file, UniqueFd fd)
      : ForwardingAppendFile(std::move(file)), durable_(durable), fd_(std::move(fd)) {}

  Status Sync() override {
    struct stat before {};
    Check(::fstat(fd_.get(), &before) == 0, "examining");
    Status synced = ForwardingAppendFile::Sync();
    if (!synced.ok()) return synced;
    durable_.Exclusively([&] {
      const auto size = static_cast<uint64_t>(before.st_size);
      durable_.SyncFile(fd_.get(), clean_, size);
      clean_ = size;
    });
    return {};
  }

  Status Truncate(uint64_t size) override {
    return durable_.Exclusively([&] {
      clean_ = std::min(clean_, size);
      return ForwardingAppendFile::Truncate(size);
    });
  }

 private:
  DurableTree& durable_;
  const UniqueFd fd_;
  uint64_t clean_ = 0;  // What was in the file before this was opened may have changed.
};

}  // namespace

DurableTree::DurableTree(std::string root, std::string shadow)
    : root_(std::move(root)), shadow_(std::move(shadow)) {
  if (fs::exists(shadow_)) return;
  // All at once, as the process may be killed meanwhile.
  const std::string begun = shadow_ + ".new";
  fs::remove_all(begun);
  DurableTree(root_, begun, TakeAll{});
  fs::rename(begun, shadow_);
}

DurableTree::DurableTree(const std::string& root, const std::string& shadow, TakeAll)
    : root_(root), shadow_(shadow) {
  fs::create_directories(shadow_ + "/inodes");
  fs::create_directories(shadow_ + "/tree");
  fs::create_directories(root_);
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    if (entry.is_regular_file()) SyncContent(entry.path(), Content(entry.path()));
  }
  SyncNames(root_);
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    if (entry.is_directory()) SyncNames(entry.path());
  }
}

bool DurableTree::IsMirrored(const std::string& path) const {
  return path == root_ || path.starts_with(root_ + "/");
}

std::string DurableTree::InTree(const std::string& path) const {
  return shadow_ + "/tree" + path.substr(root_.size());
}

std::string DurableTree::InodePath(uint64_t inode) const {
  return shadow_ + "/inodes/" + std::to_string(inode);
}

void DurableTree::SyncFile(int fd, uint64_t clean, uint64_t size) {
  struct stat info {};
  Check(::fstat(fd, &info) == 0, "examining");
  if (info.st_nlink == 0) return;
  const UniqueFd shadow = OpenShadow(InodePath(info.st_ino));
  struct stat kept {};
  Check(::fstat(shadow.get(), &kept) == 0, "examining");
  const uint64_t from = std::min({clean, size, static_cast<uint64_t>(kept.st_size)});
  WritePart(shadow, from, ReadPart(fd, from, size));
}

void DurableTree::SyncContent(const std::string& path, std::string_view content) {
  if (!IsMirrored(path)) return;
  const std::string kept = InodePath(InodeOf(path));
  if (fs::exists(kept)) return WritePart(OpenShadow(kept), 0, content);
  // All at once, as the process may be killed meanwhile.
  const std::string begun = shadow_ + "/content";
  WritePart(OpenShadow(begun), 0, content);
  fs::rename(begun, kept);
}

void DurableTree::SyncNames(const std::string& directory) {
  // Somebody may remove it at any moment.
  std::error_code gone;
  const fs::directory_iterator names(directory, gone);
  if (!IsMirrored(directory) || gone) return;
  const std::string tree = InTree(directory);
  fs::create_directories(tree);
  fs::permissions(tree, fs::status(directory).permissions());
  for (const auto& entry : fs::directory_iterator(tree)) {
    const std::string name = entry.path().filename();
    if (!fs::exists(fs::path(directory) / name)) fs::remove_all(entry.path());
  }
  for (const auto& entry : names) {
    const std::string name = tree + "/" + entry.path().filename().string();
    if (entry.is_directory()) fs::create_directories(name);
    if (entry.is_directory()) fs::permissions(name, entry.status().permissions());
    if (InodeOf(entry.path()) != 0) LinkFile(entry.path(), name);
  }
}

void DurableTree::LinkFile(const std::string& path, const std::string& name) {
  const std::string kept = InodePath(InodeOf(path));
  // One that is not known was put there by a Replace that did not return: it was synced before.
  if (!fs::exists(kept)) SyncContent(path, Content(path));
  if (InodeOf(kept) == InodeOf(name)) return;
  const std::string link = shadow_ + "/link";
  ::unlink(link.c_str());
  Check(::link(kept.c_str(), link.c_str()) == 0, name);
  Check(::rename(link.c_str(), name.c_str()) == 0, name);
}

void DurableTree::BeginFile(const std::string& path) {
  Forget(InodeOf(path));
  SyncContent(path, "");
}

void DurableTree::Forget(uint64_t inode) {
  ::unlink(InodePath(inode).c_str());
}

PowerLossFileSystem::PowerLossFileSystem(std::string root, std::string shadow,
                                         std::unique_ptr<FileSystem> files)
    : ForwardingFileSystem(std::move(files)), durable_(std::move(root), std::move(shadow)) {}

Result<std::unique_ptr<AppendFile>> PowerLossFileSystem::OpenAppend(const std::string& path) {
  return durable_.Exclusively([&]() -> Result<std::unique_ptr<AppendFile>> {
    const bool is_new = InodeOf(path) == 0;
    auto file = ForwardingFileSystem::OpenAppend(path);
    if (!file.ok()) return file;
    if (is_new) durable_.BeginFile(path);
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return Status(StatusCode::kNotFound, "'" + path + "' was removed at once");
    return {
        std::make_unique<PowerLossAppendFile>(durable_, std::move(file).value(), std::move(fd))};
  });
}

/// After `call` the file that was at `path` may be gone.
template <class Do>
Status PowerLossFileSystem::Replacing(const std::string& path, Do call) {
  return durable_.Exclusively([&] {
    const uint64_t before = InodeOf(path);
    Status status = call();
    if (before != InodeOf(path)) durable_.Forget(before);
    return status;
  });
}

Status PowerLossFileSystem::Replace(const std::string& path, std::string_view content,
                                    uint32_t mode) {
  const uint64_t before = InodeOf(path);
  return Replacing(path, [&] {
    Status replaced = ForwardingFileSystem::Replace(path, content, mode);
    // Also where only the directory's sync failed the file itself was synced.
    const uint64_t now = InodeOf(path);
    if (now != before) durable_.Forget(now);
    if (now != before) durable_.SyncContent(path, content);
    if (replaced.ok()) durable_.SyncNames(fs::path(path).parent_path());
    return replaced;
  });
}

Status PowerLossFileSystem::Overwrite(const std::string& path, std::string_view content) {
  return durable_.Exclusively([&] {
    Status written = ForwardingFileSystem::Overwrite(path, content);
    if (written.ok()) durable_.SyncContent(path, content);
    return written;
  });
}

Status PowerLossFileSystem::Remove(const std::string& path) {
  return Replacing(path, [&] { return ForwardingFileSystem::Remove(path); });
}

Status PowerLossFileSystem::Rename(const std::string& from, const std::string& to) {
  return Replacing(to, [&] { return ForwardingFileSystem::Rename(from, to); });
}

/// Only the directories above those that it makes are synced.
Status PowerLossFileSystem::MakeDirectories(const std::string& path, uint32_t mode) {
  return durable_.Exclusively([&] {
    std::vector<fs::path> changed;
    for (fs::path made = path; made != made.root_path() && !fs::exists(made);
         made = made.parent_path()) {
      changed.insert(changed.begin(), made.parent_path());
    }
    Status made = ForwardingFileSystem::MakeDirectories(path, mode);
    for (const fs::path& directory : changed) {
      if (made.ok()) durable_.SyncNames(directory);
    }
    return made;
  });
}

Status PowerLossFileSystem::SyncDirectory(const std::string& path) {
  return durable_.Exclusively([&] {
    Status synced = ForwardingFileSystem::SyncDirectory(path);
    if (synced.ok()) durable_.SyncNames(path);
    return synced;
  });
}

void LosePower(const std::string& root, const std::string& shadow) {
  fs::remove_all(root);
  fs::rename(shadow + "/tree", root);
  fs::remove_all(shadow);
}

}  // namespace broker::testing
