#pragma once

#include "control/backend.h"
#include "control/endpoint.h"
#include "control/server.h"

namespace broker {

/// Reads requests from one connection and answers them until the peer leaves, breaks a limit, or
/// the connection is shut down. Returns then; closing is the caller's. Throws what the standard
/// library throws.
void Converse(ControlConnection& connection, ControlBackend& backend, const ControlLimits& limits);

}  // namespace broker
