#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "eventlog/stored_event.h"
#include "replay/timeline.h"
#include "session/session_table.h"
#include "source/raw_event.h"

namespace broker {

/// Turns recorded events back into what a source would have reported: each session as it was after
/// the event. So the normalizer writes the same steps down again, and where the recording has a
/// hole, those that are missing.
///
/// Only what happened to sessions and to the machine is replayed: not what the recording's broker
/// and its plugins did, nor events that were injected.
///
/// Not thread-safe.
class Replayer {
 public:
  /// `beginning`: the table that the recording begins with. `first_boot`: the boot that it counts
  /// in. `start`: when it begins.
  Replayer(const SessionSnapshot& beginning, std::string first_boot, Timestamp start);

  /// The time of `stored` in the replay; events in the recording's order, each once.
  Timestamp GoTo(const StoredEvent& stored);

  /// Appends the reports that `stored`, which GoTo went to, amounts to; often none, rarely several.
  void Replay(const Event& recorded, std::vector<RawEvent>& out);

  /// All there is at this point of the recording.
  [[nodiscard]] RawEvent Snapshot(std::string reason) const;

 private:
  [[nodiscard]] RawEvent Report(RawKind kind, std::string reason) const;
  void CatchUp(const Event& recorded, std::vector<RawEvent>& out);
  RawEvent ReportOf(const Event& recorded);
  RawEvent ReportNow(const SessionRef& state, const std::string& reason);
  [[nodiscard]] Session Facts(const Session& recorded) const;

  Timeline timeline_;
  Timestamp now_;
  SessionTable table_;  ///< The recording's, with the recording's keys.
  bool lost_ = false;   ///< The recorded source was lost.
};

}  // namespace broker
