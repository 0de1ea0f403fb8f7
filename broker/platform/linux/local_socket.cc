#include "platform/linux/local_socket.h"

#include <cerrno>
#include <cstring>

namespace broker {
namespace {

StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
      return StatusCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return StatusCode::kPermission;
    case EADDRINUSE:
      return StatusCode::kExists;
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return StatusCode::kUnavailable;
    case ENOSPC:
      return StatusCode::kNoSpace;
    default:
      return StatusCode::kIo;
  }
}

}  // namespace

Result<sockaddr_un> LocalAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.find('\0') != std::string::npos) {
    return Status(StatusCode::kInvalid, "the path of a control socket must not be empty");
  }
  if (path.size() >= sizeof(address.sun_path)) {
    return Status(StatusCode::kInvalid,
                  "the control socket's path " + path + " has " + std::to_string(path.size()) +
                      " bytes, the system allows " + std::to_string(sizeof(address.sun_path) - 1));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<UniqueFd> LocalStreamSocket(int flags) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!fd) return SocketError("make", "a Unix socket", errno);
  return fd;
}

Status SocketError(std::string_view action, const std::string& path, int error) {
  const char* meaning = ::strerrordesc_np(error);
  const char* name = ::strerrorname_np(error);
  return {CodeOf(error), "cannot " + std::string(action) + " " + path + ": " +
                             (meaning != nullptr ? meaning : "unknown error") + " (" +
                             (name != nullptr ? std::string(name) + ", " : std::string()) +
                             std::to_string(error) + ")"};
}

int ConnectSocket(int fd, const sockaddr_un& address) noexcept {
  while (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace broker
