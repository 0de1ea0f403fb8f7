#pragma once

#include "usherctl/ask.h"

namespace broker {

/// `usherctl sessions`: who is logged on, where, and since when.
int RunSessions(const AskOptions& options, Streams& streams);

}  // namespace broker
