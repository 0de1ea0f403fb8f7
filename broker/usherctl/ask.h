#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "event/status.h"
#include "usherctl/streams.h"

namespace broker {

/// How a command asks the running broker.
struct AskOptions {
  std::string socket;  ///< Where it listens.
  bool json = false;   ///< Print its answer as it is, one line.
};

/// Calls `method` and prints the answer: as JSON, or by `show`, which says what it cannot
/// understand. `params` is an object, or null for none. Returns how the command ends; what went
/// wrong is on err by then.
int Ask(const AskOptions& options, std::string_view method, Streams& streams,
        const std::function<Status(const boost::json::value&)>& show,
        const boost::json::value& params = {});

/// Puts on err why the broker has not answered; returns how the command ends.
ExitCode ExplainAnswer(const Status& status, Streams& streams);

}  // namespace broker
