#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "eventlog/selection.h"

namespace broker {

/// Which events to show. Kinds of condition that are empty do not count; the others must all hold,
/// each by one of what it lists.
struct EventFilter {
  std::vector<std::string> types;     ///< Globs over the type's name.
  std::vector<std::string> sessions;  ///< The session's id.
  std::vector<std::string> users;     ///< The user's name or uid.

  /// Sessions count as they were before the event, too: a logoff belongs to whom it ended.
  [[nodiscard]] bool Matches(const Event& event) const;

  /// The same for a reader of the log. The filter must outlive it.
  [[nodiscard]] LogSelection Selection() const;
};

}  // namespace broker
