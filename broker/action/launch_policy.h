#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action/launch.h"
#include "event/status.h"

namespace broker {

/// What an instance may launch: as its table [plugins.NAME.launch] says. A value.
struct LaunchRights {
  std::vector<std::string>
      programs;  ///< Absolute paths; a folder, with "/" behind it, is all in it.
  std::vector<TokenKind> tokens;
  std::vector<std::string> classes;  ///< Of sessions; "user" is also its newer kin.
};

/// The kind with this name.
[[nodiscard]] std::optional<TokenKind> ParseTokenKind(std::string_view name);

/// Whether such an agent may be asked for at all, as far as that can be seen without the system:
/// names, paths and texts that make sense. kInvalid: why not. The variables as CheckOrder has them.
[[nodiscard]] Status CheckLaunch(const LaunchOrder& order);

/// Whether `rights` are enough for it. kPermission: what is missing, and where it can be granted.
[[nodiscard]] Status CheckRights(const LaunchOrder& order, const LaunchRights& rights);

}  // namespace broker
