#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/status.h"

namespace broker {

/// Whether programs get this variable from the broker, or it makes the loader do things: nobody
/// else may set it.
[[nodiscard]] bool IsReserved(std::string_view variable);

/// What every program that is run for a plugin has. Refers to what it was made of.
struct Command {
  const std::string& program;
  const std::vector<std::string>& arguments;
  const std::vector<std::pair<std::string, std::string>>& variables;
  const std::string& directory;  ///< Empty: home.
};

/// Whether it may be run at all, as far as that can be seen without the system: an absolute program
/// and directory, no NUL in a text, no variable of the broker's or the loader's. kInvalid: why not.
[[nodiscard]] Status CheckCommand(const Command& command);

}  // namespace broker
