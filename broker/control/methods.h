#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "control/backend.h"
#include "control/protocol.h"

namespace broker {

/// A request for a method, as far as the protocol knows it. Valid during the call.
struct MethodCall {
  std::string_view method;
  const boost::json::value& params;  ///< Null when left out, else an object or an array.
  const Peer& by;
  bool only_check = false;  ///< Nobody wants the result: nothing is done.
};

/// Why there is no result.
struct MethodFailure {
  RpcError error;
  std::string message;
};

/// Finds the method, reads its parameters, checks that `by` may call it, and sets `out` to what it
/// answers. PROTOCOL.md lists the methods. Thread-safe as far as `backend` is.
[[nodiscard]] std::optional<MethodFailure> CallMethod(const MethodCall& call,
                                                      ControlBackend& backend,
                                                      boost::json::value& out);

}  // namespace broker
