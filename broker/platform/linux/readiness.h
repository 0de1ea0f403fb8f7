#pragma once

#include <string>
#include <string_view>

#include "action/launch.h"
#include "platform/linux/session_environment.h"

namespace broker {

/// What of `wanted` is not there yet, by its name in the table of failures, "display", "user bus",
/// "runtime directory", "profile"; empty if all is there. Looks at sockets and folders, does not
/// connect. `runtime` is the user's runtime directory, `home` their home.
[[nodiscard]] std::string_view MissingOf(const Readiness& wanted, const Environment& environment,
                                         const std::string& runtime, const std::string& home);

}  // namespace broker
