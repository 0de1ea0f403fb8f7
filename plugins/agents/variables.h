#pragma once

#include <optional>
#include <string>

#include "session.h"

namespace agents {

/// The first "${…}" of the text that stands for nothing, as it is written there.
[[nodiscard]] std::optional<std::string> UnknownVariable(const std::string& text);

/// The text with "${session.user}" and the like replaced; "$${" is "${".
[[nodiscard]] std::string Expand(const std::string& text, const Session& session);

/// All variables there are, for people.
[[nodiscard]] std::string AllVariables();

}  // namespace agents
