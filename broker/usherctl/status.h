#pragma once

#include "usherctl/ask.h"

namespace broker {

/// `usherctl status`: how the broker is doing.
int RunStatus(const AskOptions& options, Streams& streams);

}  // namespace broker
