#include "control/endpoint.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "platform/linux/local_connection.h"
#include "platform/linux/local_socket.h"
#include "platform/linux/readers_group.h"

namespace broker {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOwnerAndGroup = 0660;
constexpr int kBacklog = 64;
constexpr timeval kConnectTime{5, 0};

// Which file a path names, so that only the socket that was made here is removed.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileId&, const FileId&) = default;
};

std::optional<FileId> IdOf(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
  return FileId{info.st_dev, info.st_ino};
}

class LocalListener final : public ControlListener {
 public:
  LocalListener(UniqueFd fd, UniqueFd wake, std::string path)
      : fd_(std::move(fd)), wake_(std::move(wake)), path_(std::move(path)), id_(IdOf(path_)) {}

  ~LocalListener() override {
    if (id_ && IdOf(path_) == id_) ::unlink(path_.c_str());
  }

  Result<std::unique_ptr<ControlConnection>> Accept() override {
    while (true) {
      std::array<pollfd, 2> waiting{{{fd_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
      if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return Failure(errno);
      if (waiting[1].revents != 0) return Status(StatusCode::kStopped, "no longer listening");
      UniqueFd accepted(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (accepted) return MakeLocalConnection(std::move(accepted));
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) return Failure(errno);
    }
  }

  void Shutdown() noexcept override { ::eventfd_write(wake_.get(), 1); }

 private:
  [[nodiscard]] Status Failure(int error) const {
    return SocketError("cannot accept a connection on", path_, error);
  }

  const UniqueFd fd_;
  const UniqueFd wake_;
  const std::string path_;
  const std::optional<FileId> id_;
};

// 0 or the error of bind(2).
int Bind(int fd, const sockaddr_un& address) {
  const auto* any = reinterpret_cast<const sockaddr*>(&address);
  return ::bind(fd, any, sizeof(address)) == 0 ? 0 : errno;
}

// Whether who made the listening socket is gone: then a child that a plugin of it forked holds it
// open, and never answers. SO_PEERCRED, unix(7): who called listen(2).
bool ListenerIsGone(int connected) {
  ucred listener{};
  socklen_t size = sizeof(listener);
  if (::getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &listener, &size) != 0) return false;
  return listener.pid > 0 && ::kill(listener.pid, 0) != 0 && errno == ESRCH;
}

// Removes what is at `path` if it is a socket on which nobody listens any more.
Status RemoveStale(const std::string& path, const sockaddr_un& address) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0 && !S_ISSOCK(info.st_mode)) {
    return {StatusCode::kExists,
            path + " is in the way: it is no socket, so it is not replaced; name another path"};
  }
  const auto probe = LocalStreamSocket(SOCK_NONBLOCK);
  if (!probe.ok()) return probe.status();
  const int error = ConnectSocket(probe.value().get(), address);
  const bool answers = error == 0 && !ListenerIsGone(probe.value().get());
  if (answers || error == EAGAIN) {
    return {StatusCode::kExists, "another broker already listens on " + path};
  }
  if (error != 0 && error != ECONNREFUSED && error != ENOENT)
    return SocketError("cannot see who listens on", path, error);
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return SocketError("cannot remove the stale socket", path, errno);
}

Status BindFresh(int fd, const std::string& path, const sockaddr_un& address) {
  // The mode given to the socket now is the file's mode from its first moment on. Source: bind in
  // the kernel's net/unix/af_unix.c; unlike umask(2) it leaves other threads alone.
  if (::fchmod(fd, kOwnerOnly) != 0) return SocketError("cannot restrict access to", path, errno);
  int error = Bind(fd, address);
  if (error == EADDRINUSE) {
    Status removed = RemoveStale(path, address);
    if (!removed.ok()) return removed;
    error = Bind(fd, address);
  }
  if (error == 0) return {};
  Status status = SocketError("cannot listen on", path, error);
  if (error != ENOENT) return status;
  return {status.code(), status.message() + "; its directory must exist"};
}

// Opens the socket to the group, where this is the system's broker and the group exists.
Status Share(const std::string& path) {
  const auto group = ReadersGroup();
  if (!group) return {};
  if (::lchown(path.c_str(), 0, *group) != 0 || ::chmod(path.c_str(), kOwnerAndGroup) != 0) {
    return SocketError("cannot give the group usher the socket", path, errno);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ControlListener>> Listen(const std::string& path) {
  const auto address = LocalAddress(path);
  if (!address.ok()) return address.status();
  auto fd = LocalStreamSocket(SOCK_NONBLOCK);
  if (!fd.ok()) return fd.status();
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return SocketError("cannot make a wake-up for", path, errno);
  Status bound = BindFresh(fd.value().get(), path, address.value());
  if (!bound.ok()) return bound;

  const int socket = fd.value().get();
  auto listener = std::make_unique<LocalListener>(std::move(fd).value(), std::move(wake), path);
  if (::listen(socket, kBacklog) != 0) return SocketError("cannot listen on", path, errno);
  Status shared = Share(path);
  if (!shared.ok()) return shared;
  return std::unique_ptr<ControlListener>(std::move(listener));
}

Result<std::unique_ptr<ControlConnection>> Connect(const std::string& path) {
  const auto address = LocalAddress(path);
  if (!address.ok()) return address.status();
  auto fd = LocalStreamSocket(0);
  if (!fd.ok()) return fd.status();
  // Bounds the wait for a broker whose queue of connections is full.
  const int socket = fd.value().get();
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kConnectTime, sizeof(kConnectTime));
  const int error = ConnectSocket(socket, address.value());
  if (error != 0) return SocketError("cannot connect to the broker at", path, error);
  if (::fcntl(socket, F_SETFL, O_NONBLOCK) != 0)
    return SocketError("cannot set up the connection to", path, errno);
  return MakeLocalConnection(std::move(fd).value());
}

}  // namespace broker
