#pragma once

#include <iosfwd>

#include "settings/settings.h"

namespace broker {

/// How `usherd --check` ends, by usherctl's numbers.
enum class CheckOutcome : int32_t { kFine = 0, kUnusable = 1, kInvalidConfiguration = 3 };

/// `usherd --check`: whether a broker with these settings, which have no errors of their own, would
/// come up for this user, and what it would do. Plugins are tried in processes of their own, and
/// nothing is changed. What is wrong goes to `err`, a line each; `out` has the rest.
CheckOutcome RunCheck(const Settings& settings, std::ostream& out, std::ostream& err);

}  // namespace broker
