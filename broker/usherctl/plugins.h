#pragma once

#include "usherctl/ask.h"

namespace broker {

/// `usherctl plugins`: which instances there are, and how they are doing.
int RunPlugins(const AskOptions& options, Streams& streams);

/// `usherctl plugins release NAME`: lets a quarantined or abandoned instance start anew.
int RunPluginsRelease(const AskOptions& options, const std::string& instance, Streams& streams);

}  // namespace broker
