#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "event/clock.h"
#include "platform/linux/logind_bus.h"
#include "source/logind_view.h"

namespace broker {

/// Finds the sessions that logind keeps in `closing` for no reason: nothing has run in their scope
/// for half a minute. Seen in the field with leaders that died unnoticed (systemd 43745, 26744,
/// 8672).
///
/// Not thread-safe; lives on the source's thread.
class ClosingReaper {
 public:
  /// `clock` must outlive this.
  explicit ClosingReaper(const Clock& clock) : clock_(clock) {}

  /// Looks at the sessions that are closing, when it is time to; buries those that are stuck.
  /// Answers the reports of them.
  [[nodiscard]] std::vector<RawEvent> Look(LogindView& view, LoginMonitor& monitor);

  /// How long until it is time to look again; -1 when nothing is closing.
  [[nodiscard]] int DueMs(const LogindView& view) const;

 private:
  const Clock& clock_;
  int64_t next_us_ = 0;
  std::map<std::string, int64_t> empty_since_us_;  ///< By session key.
};

}  // namespace broker
