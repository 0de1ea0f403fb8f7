#pragma once

#include <optional>
#include <string>
#include <vector>

#include <usher/plugin.hpp>

#include "machine.h"

namespace agents {

/// Of which sessions an agent is. Lists that are empty let all pass. A value.
struct Selection {
  std::vector<std::string> classes;
  std::vector<std::string> types;
  std::vector<std::string> seats;
  std::vector<std::string> users;   ///< Globs of ids or of names in the system's database.
  std::vector<std::string> groups;  ///< The same; one that the user is in.
  std::string via;                  ///< "console", "remote", or both: "".
};

/// How many of them there are.
enum class Scope : int32_t {
  kSession,  ///< One for each session,
  kUser,     ///< for each user, however often they are logged on,
  kConsole,  ///< for each seat, in the session that it shows.
};

/// When an agent runs, within the life of its session. A value.
struct Conditions {
  bool logon_screen = false;  ///< While a logon screen is there.

  // Once a session is logged on, as soon as one of these holds:
  bool logon = false;      ///< Nothing else is needed,
  bool connected = false;  ///< it is on a console or a remote terminal,
  bool unlocked = false;   ///< it is not locked.

  // Until it is logged off, or one of these holds:
  bool until_disconnected = false;
  bool until_locked = false;

  /// What a lock state that nobody knows counts as; nothing: it changes nothing.
  std::optional<usher::Locked> unknown_lock;

  /// Whether what it was before may count, so that it has to be remembered.
  [[nodiscard]] bool DependOnThePast() const {
    return (!logon && (connected || unlocked)) || (until_locked && !unknown_lock);
  }
};

/// One [[plugins.NAME.config.agent]]. A value.
struct Agent {
  std::string name;
  /// What is asked of the launcher; arguments and values of variables with "${…}" in them. Session
  /// and scope are filled in for each launch.
  usher::LaunchRequest launch;
  Selection sessions;
  Conditions conditions;
  Scope scope = Scope::kSession;
  Rules rules;
};

/// The whole configuration. A value.
struct Settings {
  std::vector<Agent> agents;  ///< In the order of the file; each name once.
};

/// Reads the instance's table; what is wrong is told to the broker, all of it, with its lines.
[[nodiscard]] Settings ReadSettings(const usher::Config& config);

}  // namespace agents
