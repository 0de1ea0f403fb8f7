#include "platform/linux/local_socket.h"

#include <cerrno>
#include <cstring>

#include "platform/linux/os_error.h"

namespace broker {
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
  if (!fd) return OsError("cannot make a Unix socket", errno);
  return fd;
}

Status SocketError(std::string_view what, const std::string& path, int error) {
  Status status = OsError(what, path, error);
  if (error == ECONNREFUSED) return {StatusCode::kNotFound, status.message()};
  if (error == EADDRINUSE) return {StatusCode::kExists, status.message()};
  return status;
}

int ConnectSocket(int fd, const sockaddr_un& address) noexcept {
  while (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace broker
