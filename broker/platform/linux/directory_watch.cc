#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "eventlog/watch.h"
#include "platform/linux/os_error.h"
#include "platform/linux/unique_fd.h"

namespace broker {
namespace {

constexpr uint32_t kChanges =
    IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR;

/// inotify(7). What changed does not matter, so what is read is dropped.
class InotifyWatch final : public DirectoryWatch {
 public:
  explicit InotifyWatch(UniqueFd fd) : fd_(std::move(fd)) {}

  void Wait(std::chrono::milliseconds timeout) override {
    pollfd waiting{fd_.get(), POLLIN, 0};
    const auto limit = std::clamp<int64_t>(timeout.count(), 0, INT_MAX);
    if (::poll(&waiting, 1, static_cast<int>(limit)) > 0) Drain();
  }

 private:
  void Drain() {
    std::array<char, 4096> dropped{};
    while (::read(fd_.get(), dropped.data(), dropped.size()) > 0) {
    }
  }

  const UniqueFd fd_;
};

}  // namespace

Result<std::unique_ptr<DirectoryWatch>> WatchDirectory(const std::string& path) {
  UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd) return OsError("cannot watch the directory", path, errno);
  if (::inotify_add_watch(fd.get(), path.c_str(), kChanges) < 0) {
    return OsError("cannot watch the directory", path, errno);
  }
  return std::unique_ptr<DirectoryWatch>(std::make_unique<InotifyWatch>(std::move(fd)));
}

}  // namespace broker
