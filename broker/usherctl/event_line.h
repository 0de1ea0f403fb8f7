#pragma once

#include <string>

#include "event/event.h"

namespace broker {

/// One event as one line for people, without the newline, e.g.
/// "08:00:12.123456  session.logon         alice       session 2    seat0 tty2". Safe for a
/// terminal.
[[nodiscard]] std::string EventLine(const Event& event, bool colour);

/// The UTC day of an event, "2026-05-04"; it stands above the lines where it changes.
[[nodiscard]] std::string DayOf(const Event& event);

}  // namespace broker
