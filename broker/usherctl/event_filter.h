#pragma once

#include <string>
#include <vector>

#include "event/event.h"

namespace broker {

/// Which events to show. Kinds of condition that are empty do not count; the others must all hold.
struct EventFilter {
  std::vector<std::string> types;  ///< Globs over the type's name; one that matches is enough.
  std::string session;             ///< The session's id.
  std::string user;                ///< The user's name or uid.

  [[nodiscard]] bool Empty() const { return types.empty() && session.empty() && user.empty(); }

  /// Sessions count as they were before the event, too: a logoff belongs to whom it ended.
  [[nodiscard]] bool Matches(const Event& event) const;
};

}  // namespace broker
