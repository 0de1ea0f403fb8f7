#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "action/run.h"
#include "event/status.h"

namespace broker {

/// Whether such a run may be asked for at all, as far as that can be seen without the system: an
/// absolute program and directory, no NUL in a text, no variable of the broker's or the loader's, a
/// session where one is needed. kInvalid: why not.
[[nodiscard]] Status CheckOrder(const RunOrder& order);

/// The program's environment, made from nothing: PATH, LANG, those of the session, and what the
/// order asks for; "NAME=value" each. Those that say who the user is (HOME, …) are not known here.
[[nodiscard]] std::vector<std::string> BuildEnvironment(const RunOrder& order);

}  // namespace broker
