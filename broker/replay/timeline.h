#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/clock.h"
#include "event/session.h"

namespace broker {

/// Lays the boots of a recording behind each other, on the monotonic clock of the first: each later
/// boot goes on where the one before ended, after as much time as the wall clock says it was down.
///
/// Rationale: a log that is replayed belongs to one boot, so that its monotonic times can be
/// compared and its sessions' keys are unique.
///
/// Not thread-safe.
class Timeline {
 public:
  explicit Timeline(std::string first_boot);

  /// Goes to an event of `boot` (empty: not known, so the one before) that happened at `recorded`
  /// on that boot's clock; answers when that is here.
  Timestamp GoTo(const std::string& boot, Timestamp recorded);

  /// When the recorded `session` was created, on this clock; its key says in which boot that was.
  [[nodiscard]] int64_t CreatedAt(const Session& session) const;

 private:
  struct Boot {
    std::string id;
    int64_t offset_us = 0;  ///< What its monotonic times are to be moved by.
  };

  [[nodiscard]] const Boot* Find(std::string_view id) const;

  std::vector<Boot> boots_;  ///< In the recording's order.
  std::string current_;
  Timestamp now_;  ///< Where the last event was put.
};

}  // namespace broker
