#pragma once

#include "usherctl/ask.h"

namespace broker {

/// `usherctl plugins`: which instances there are, and how they are doing.
int RunPlugins(const AskOptions& options, Streams& streams);

}  // namespace broker
