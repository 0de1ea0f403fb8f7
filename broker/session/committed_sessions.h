#pragma once

#include <memory>
#include <mutex>
#include <span>

#include "session/session_table.h"

namespace broker {

/// The table as of the last committed event, for readers on other threads (plugins, control).
/// Thread-safe.
class CommittedSessions {
 public:
  /// Starts over; the pipeline calls it once at start.
  void Restore(const SessionSnapshot& snapshot);

  /// Takes the effect of committed events. [pipeline thread]
  void Commit(std::span<const Event* const> events);

  [[nodiscard]] SessionSnapshot Snapshot() const;

 private:
  mutable std::mutex mutex_;
  SessionTable table_;
  Seq as_of_ = 0;
};

}  // namespace broker
