#pragma once

#include "usherctl/streams.h"

namespace broker {

/// `usherctl version`: which one this is.
int RunVersion(bool json, Streams& streams);

}  // namespace broker
