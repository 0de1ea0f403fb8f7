#pragma once

#include <sys/socket.h>

#include <memory>

#include "control/endpoint.h"
#include "platform/linux/unique_fd.h"

namespace broker {

/// The peer with these credentials, seen by a broker that runs as user `own`.
[[nodiscard]] Peer DescribePeer(const ucred& credentials, uid_t own);

/// The connection on a stream socket that does not block. Asks the kernel who the peer is; fails if
/// it does not say.
Result<std::unique_ptr<ControlConnection>> MakeLocalConnection(UniqueFd fd);

}  // namespace broker
