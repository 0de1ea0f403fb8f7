#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "event/status.h"
#include "usherctl/exit_code.h"
#include "usherctl/streams.h"

namespace broker {

/// How a command asks the running broker.
struct AskOptions {
  std::string socket;  ///< Where it listens.
  bool json = false;   ///< Print its answer as it is, one line.
};

/// Calls `method` and prints the answer: as JSON, or by `show`, which says what it cannot
/// understand. `params` is an object, or null for none; `timeout` is for all of it. Returns how the
/// command ends: as `judge` says of the answer that was printed, by itself kExitDone; what went
/// wrong is on err by then.
int Ask(const AskOptions& options, std::string_view method, Streams& streams,
        const std::function<Status(const boost::json::value&)>& show,
        const boost::json::value& params = {},
        std::chrono::milliseconds timeout = std::chrono::seconds(30),
        const std::function<ExitCode(const boost::json::value&)>& judge = {});

/// What steers instances may take as long as the events that they are at.
inline constexpr std::chrono::minutes kSteeringTimeout{5};

/// With what to do about it: why no connection came about.
[[nodiscard]] Status WhyNotReached(const Status& status);

/// Puts on err why the broker has not answered; returns how the command ends.
ExitCode ExplainAnswer(const Status& status, Streams& streams);

}  // namespace broker
