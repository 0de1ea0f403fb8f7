#pragma once

#include "usherctl/ask.h"

namespace broker {

/// `usherctl reload`: has the broker take its configuration anew. Ends with kExitFailed where that
/// was rejected, or an instance that it wants is not up.
int RunReload(const AskOptions& options, Streams& streams);

}  // namespace broker
