#pragma once

#include <memory>
#include <span>

#include "event/event.h"
#include "event/mutex.h"
#include "event/session.h"
#include "session/session_table.h"

namespace broker {

/// The table as of the last committed event, for readers on other threads (plugins, control).
/// Thread-safe.
class CommittedSessions {
 public:
  /// Starts over; the pipeline calls it once at start.
  void Restore(const SessionSnapshot& snapshot);

  /// Takes the effect of committed events. [pipeline thread]
  void Commit(std::span<const Event> events);

  /// Takes the facts that change without an event (a display known late, a lock state no longer
  /// known): what SessionTable::TakeQuiet of the pipeline's table told, once all events before are
  /// committed; sessions that are not the committed ones are passed over. [pipeline thread]
  void Refresh(std::span<const SessionRef> sessions);

  [[nodiscard]] SessionSnapshot Snapshot() const;

 private:
  mutable Mutex mutex_;
  SessionTable table_ USHER_GUARDED_BY(mutex_);
  Seq as_of_ USHER_GUARDED_BY(mutex_) = 0;
};

}  // namespace broker
