#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "event/event.h"
#include "session/changes.h"
#include "session/session_table.h"
#include "source/raw_event.h"
#include "source/source.h"

namespace broker {

/// The most bytes that any text of a source may have in an event.
inline constexpr size_t kMaxTextBytes = 16U << 10U;

/// Turns what a source says into events in the common vocabulary, by comparing it with the table.
/// Live changes and reconciliation are one mechanism: a snapshot is compared session by session,
/// and its differences are marked `reconciled`, with the snapshot's reason.
///
/// - session.connected and session.disconnected have the detail `via`: "console" or "remote".
/// - console.switched has the details `seat`, `from` and `to` (ids of sessions, empty for none);
/// its
///   session is the one now in front, if it is known.
/// - system.suspending and system.shutting_down have the detail `delay_us` where the machine waits
///   for the broker: how long at most.
/// - session.destroyed has no session any more, only the one before.
/// - A lock state becomes unknown only by a snapshot (silently), or if it is so at first sight; a
///   single report that does not know it leaves what is known. See Settled for how it ends.
/// - Reports on sessions that are not there (removed twice, a request too late) yield nothing.
/// - source.lost comes once, however often the source repeats it; the next snapshot begins with
///   source.resynced.
///
/// Not thread-safe; call from the pipeline thread.
class Normalizer {
 public:
  /// `table` must outlive this. `source` is the source's name, as it stands in its events. What a
  /// source that tells of a recording says is marked `recorded`, snapshots included.
  Normalizer(SessionTable& table, std::string boot_id, std::string source,
             const SourceCapabilities& capabilities = {});

  /// Appends the events that `raw` amounts to, unnumbered; the table has them applied, and has
  /// taken the facts that have no event. Text is made valid UTF-8 and bounded here (kMaxTextBytes,
  /// see ToUtf8). Repetitions yield nothing.
  void Normalize(RawEvent&& raw, std::vector<Event>& out);
  void Normalize(const RawEvent& raw, std::vector<Event>& out) { Normalize(RawEvent(raw), out); }

  /// The end of every session of another boot than this one: reconciled logoff, disconnected and
  /// destroyed, reason "boot", and the seats they had are empty. To be called once, after the table
  /// was restored from the log.
  void EndForeignBoot(Timestamp now, std::vector<Event>& out);

 private:
  [[nodiscard]] Changes Begin(const RawEvent& raw, std::vector<Event>& out) const;
  [[nodiscard]] bool IsComplete(const Session& reported) const;
  [[nodiscard]] Session Identified(Session reported, SessionRef& known) const;
  void TakeSnapshot(const RawEvent& raw, Changes& changes);
  void EndMissing(const std::vector<Session>& facts, Changes& changes);
  void DoubtUnlock(Session& facts) const;
  void TakeSession(Session reported, Changes& changes);
  void TakeSeat(const std::string& seat, const std::string& id, Changes& changes);
  void TakeUnlockRequest(const SessionRef& session, Changes& changes);
  void TakeLoss(Changes& changes);

  SessionTable& table_;
  const std::string boot_id_;
  const std::string source_;
  const Origin live_;        ///< Of what the source reports as it happens.
  const Origin reconciled_;  ///< Of what a snapshot reveals.
  bool lost_ = false;
  /// No snapshot was taken yet: nobody watched until now. A recording was watched.
  bool first_;
};

}  // namespace broker
