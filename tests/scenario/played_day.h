#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "session/session_table.h"

namespace broker::scenario {

/// What came of a scenario: its events, and the table after them.
struct PlayedDay {
  std::vector<Event> events;
  SessionTable table;
};

/// Plays the scenario file at `path` from the source to the normalizer, as the broker does it: with
/// a table that was restored to `before` and whose sessions of another boot end first. Throws
/// std::runtime_error if the scenario has errors or does not end.
PlayedDay Play(const std::string& path, const SessionSnapshot& before = {});

/// A line an event: time, type, session, user, origin, then via, from and to, or the reason.
std::string Describe(const std::vector<Event>& events);

}  // namespace broker::scenario
