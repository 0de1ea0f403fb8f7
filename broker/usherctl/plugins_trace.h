#pragma once

#include <functional>
#include <string>

#include "usherctl/ask.h"

namespace broker {

/// `usherctl plugins trace NAME`: the calls into an instance as they end, until `stop` or the
/// broker's end. With `json` one object a line, as the control protocol has them.
int RunPluginsTrace(const AskOptions& options, const std::string& instance, Streams& streams,
                    const std::function<bool()>& stop);

}  // namespace broker
