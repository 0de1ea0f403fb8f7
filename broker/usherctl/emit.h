#pragma once

#include "control/emission.h"
#include "usherctl/ask.h"

namespace broker {

/// `emit`: has the broker's plugins told of an event that did not happen.
int RunEmit(const AskOptions& options, const Emission& emission, Streams& streams);

}  // namespace broker
