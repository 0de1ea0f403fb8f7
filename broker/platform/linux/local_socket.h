#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>
#include <string_view>

#include "event/status.h"
#include "platform/linux/unique_fd.h"

namespace broker {

/// The address of a Unix socket with a path. kInvalid when the path is empty or longer than an
/// address can hold. Source: unix(7).
Result<sockaddr_un> LocalAddress(const std::string& path);

/// A stream socket that is closed on exec. `flags` may add SOCK_NONBLOCK.
Result<UniqueFd> LocalStreamSocket(int flags);

/// OsError for the socket at `path`, with the codes that a refused connection (kNotFound: nobody
/// listens) and an address in use (kExists) amount to.
Status SocketError(std::string_view what, const std::string& path, int error);

/// connect(2) to `address`; 0 or the error. Tried again when a signal interrupts it.
int ConnectSocket(int fd, const sockaddr_un& address) noexcept;

}  // namespace broker
