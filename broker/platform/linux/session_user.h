#pragma once

#include <sys/types.h>

#include <optional>

#include "event/session.h"

namespace broker {

/// The number of a session's user; nullopt where it has none, as Windows' sessions that are
/// replayed here.
[[nodiscard]] std::optional<uid_t> UserNumberOf(const Session& session);

}  // namespace broker
