#pragma once

#include <string>

#include "event/session.h"

namespace broker {

/// Where a session's user sits, beyond the seat: the remote host, else the terminal, else the
/// display; empty if nothing is known. As the OS said it, so not safe for a terminal yet.
[[nodiscard]] std::string PlaceOf(const Session& session);

}  // namespace broker
