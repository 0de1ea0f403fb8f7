#pragma once

#include <cstdint>
#include <vector>

#include "event/event_type.h"
#include "event/session.h"

namespace broker {

/// Where a session stands in its life.
enum class Phase : int32_t { kAbsent = 0, kPresent, kLoggedOn, kLoggedOff };

/// The phase that a session's fields amount to; null = kAbsent.
[[nodiscard]] Phase PhaseOf(const Session* session);

/// Whether an event of this type may happen in this phase (the table in transitions.cc).
/// Every event type is legal that does not concern a session's life.
[[nodiscard]] bool IsLegal(Phase phase, EventType type);

/// The events, in order, that lead from `before` to `after` (null = absent): gaps filled, so that a
/// session first seen logged on was created, connected and logged on; one that vanished logged off.
[[nodiscard]] std::vector<EventType> StepsBetween(const Session* before, const Session* after);

/// The session as it is once `type` happened on the way from `before` to `after`. `now_us` is the
/// UTC time that a logon is given. Null after session.destroyed.
[[nodiscard]] SessionRef AfterStep(EventType type, const Session* before, const Session& after,
                                   int64_t now_us);

}  // namespace broker
