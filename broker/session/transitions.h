#pragma once

#include <cstdint>

#include <boost/container/static_vector.hpp>

#include "event/event_type.h"
#include "event/session.h"

namespace broker {

/// Where a session stands in its life. Only user classes log on and off; the others (greeter,
/// lock-screen, background, manager) are kPresent from first to last.
enum class Phase : int32_t { kAbsent = 0, kPresent, kLoggedOn, kLoggedOff };

/// The phase that a session's fields amount to; null = kAbsent. A session of a user class that is
/// `closing` is kLoggedOff only if it has a logon time: one first seen closing never logged on for
/// us.
[[nodiscard]] Phase PhaseOf(const Session* session);

/// Whether an event of this type may happen in this phase (the table in transitions.cc).
/// Every event type is legal that does not concern a session's life.
[[nodiscard]] bool IsLegal(Phase phase, EventType type);

/// What a source's `facts` amount to, given what is known of the session (null = nothing):
/// - Life goes one way: opening, then online or active, then closing; older news change nothing.
/// - online or active follows from `active`, so that no state changes without an event.
/// - A lock state that is unknown is not ended by a mere "no": that is also what a reporter says
/// that
///   forgot. It ends with the next "yes", or with an unlock request.
/// - A session stays what it is: of a user class or not.
/// - The time of the logon is kept.
[[nodiscard]] Session Settled(const Session* before, Session facts);

/// The events that lead from one state of a session to another: a few, once a report, so they need
/// no memory of their own.
using Steps = boost::container::static_vector<EventType, 8>;

/// The events, in order, that lead from `before` to `after` (null = absent): gaps filled, so that a
/// session first seen logged on was created, connected and logged on; one that vanished logged off.
/// `after` is settled.
///
///     appears   created, connected, logon, locked
///     changes   locked | unlocked, disconnected, logoff, connected, logon
///     vanishes  logoff, disconnected, destroyed
///
/// A lock edge seen together with the logon follows it. What vanishes was disconnected from its
/// console; of a remote terminal nothing is implied, as it may be gone for long.
[[nodiscard]] Steps StepsBetween(const Session* before, const Session* after);

/// The session as it is once `type` happened on the way from `before` (the step before it) to
/// `after`; the last step is `after` itself. So a log that ends between two steps holds a true
/// state, from which the steps that are missing follow again. `now_us` is the UTC time that a logon
/// is given. Null after session.destroyed. Types that change nothing yield what was before.
[[nodiscard]] SessionRef AfterStep(EventType type, const Session* before, const Session& after,
                                   int64_t now_us);

/// The same where `type` is known to be the last step to `after`.
[[nodiscard]] SessionRef AfterLastStep(EventType type, const Session* before, Session after,
                                       int64_t now_us);

}  // namespace broker
