#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "action/launch.h"

namespace broker {

/// A program's environment: "NAME=value" each.
using Environment = std::vector<std::string>;

/// The environment of an agent, made from nothing: PATH and LANG; of a user's agent what the user's
/// service manager has for its programs and, of a few names, what the session's leader has; what is
/// known of the session; what the order asks for; USHER_AGENT, USHER_INSTANCE and
/// USHER_SESSION_KEY. Of the same name the later one counts. What the loader or the service manager
/// heed, and what is no text, is left out, and of too much the rest. An agent with the system's
/// rights gets nothing that a user could have set. Pure.
[[nodiscard]] Environment BuildAgentEnvironment(const LaunchOrder& order,
                                                const Environment& user_manager,
                                                const Environment& leader);

/// What stands in `environment` for `name`; empty if nothing does.
[[nodiscard]] std::string_view ValueIn(const Environment& environment, std::string_view name);

/// The environment that a process was started with; empty if that cannot be read. proc(5).
[[nodiscard]] Environment ReadEnvironmentOf(int64_t pid);

}  // namespace broker
