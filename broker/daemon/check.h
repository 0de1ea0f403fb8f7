#pragma once

#include <iosfwd>

#include "daemon/exit_code.h"
#include "event/diagnostics.h"
#include "settings/settings.h"

namespace broker {

/// `usherd --check`: whether a broker with these settings, which have no errors of their own, would
/// come up for this user, and what it would do. Plugins are tried in processes of their own, what
/// the source is to play is read as for a start, and nothing is changed. What is wrong goes to
/// `err`, a line each, and where a recording is damaged to `diagnostics`; `out` has the rest.
DaemonExit RunCheck(const Settings& settings, Diagnostics& diagnostics, std::ostream& out,
                    std::ostream& err);

}  // namespace broker
