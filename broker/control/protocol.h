#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/backend.h"

namespace broker {

/// The constants of the control protocol; PROTOCOL.md describes it.
inline constexpr size_t kMaxRequestBytes = 64U << 10U;  ///< One line, its newline included.
inline constexpr size_t kMaxRequestDepth = 16;          ///< Levels of arrays and objects.

/// The codes of error answers. The first five are JSON-RPC's, the others the broker's own.
enum class RpcError : int32_t {
  kParse = -32700,
  kInvalidRequest = -32600,
  kUnknownMethod = -32601,
  kInvalidParams = -32602,
  kInternal = -32603,
  kTooManyConnections = -32000,
  kTooLong = -32001,
  kTooSlow = -32002,
  kNotPermitted = -32003,
  kFailed = -32004,
};

/// Answers one request (a line without its newline) with one line (with it); nullopt when there is
/// nothing to answer: a notification. `by` is who asks. Thread-safe as far as `backend` is.
[[nodiscard]] std::optional<std::string> AnswerRequest(std::string_view line,
                                                       ControlBackend& backend, const Peer& by);

/// The line that says `error` without a request that it belongs to (its id is null).
[[nodiscard]] std::string ErrorLine(RpcError error, std::string_view message);

}  // namespace broker
