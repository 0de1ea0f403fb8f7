#pragma once

#include "usherctl/ask.h"

namespace broker {

/// `usherctl status`: how the broker is doing. Ends with kExitFailed where something is the matter
/// with it now.
int RunStatus(const AskOptions& options, Streams& streams);

}  // namespace broker
