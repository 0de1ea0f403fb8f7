#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action/launch.h"

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

/// Why such an agent may not be asked for at all, as far as that can be seen without the system:
/// names, paths, texts or limits that make no sense (kInvalidCode). The variables as CheckOrder has
/// them.
[[nodiscard]] std::optional<LaunchFailure> CheckLaunch(const LaunchOrder& order);

/// Why `rights` are not enough for it (kNotPermittedCode); the call is the key that lacks
/// something.
[[nodiscard]] std::optional<LaunchFailure> CheckRights(const LaunchOrder& order,
                                                       const LaunchRights& rights);

}  // namespace broker
