#pragma once

#include <sys/types.h>

#include <optional>

namespace broker {

/// The group `usher`, to which the system's broker opens its log and its control socket: nullopt
/// where the broker is not root's or there is no such group. getgrnam_r(3). Any thread.
[[nodiscard]] std::optional<gid_t> ReadersGroup();

}  // namespace broker
