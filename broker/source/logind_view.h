#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "source/logind_decoder.h"
#include "source/logind_signal.h"
#include "source/raw_event.h"

namespace broker {

/// The facts of logind's sessions and seats as last heard, because once a session is gone nothing
/// of it can be read any more. Turns what is heard into reports; what changes nothing yields none.
/// Reports come without a time: whoever sends them stamps them.
///
/// Not thread-safe; lives on the source's thread.
class LogindView {
 public:
  /// All properties of the session were read: it is new, or was read again.
  [[nodiscard]] std::optional<RawEvent> SessionRead(const std::string& id,
                                                    const PropertyMap& properties);

  /// sd_session_get_state(3) said so: the only one who tells that a session left opening or began
  /// closing.
  [[nodiscard]] std::optional<RawEvent> StateRead(const std::string& id, SessionState state);

  /// Properties of the seat were read: all of them, or those that changed.
  [[nodiscard]] std::optional<RawEvent> SeatRead(const std::string& name,
                                                 const PropertyMap& properties);

  /// A signal that needs no further reading; the others (kSessionNew, kSessionOutdated, kSeatNew,
  /// kGone, kBack) yield nothing. Changes of sessions nobody has read yet are passed over: their
  /// SessionNew is still to come and brings everything.
  [[nodiscard]] std::optional<RawEvent> Heard(const LogindSignal& signal);

  /// All there is now, in place of everything heard before. `forgetful`: logind may have restarted
  /// since, which silently resets LockedHint, so a session that was locked and no longer says so is
  /// Locked::kUnknown until the next edge.
  [[nodiscard]] RawEvent Snapshot(std::vector<Session> sessions, SeatMap seats, bool forgetful,
                                  std::string reason);

  /// A session that logind keeps though it is as good as gone: from now on it is not there any
  /// more, whatever else is said of it, until logind drops it.
  [[nodiscard]] RawEvent Bury(const std::string& id, std::string reason);

  /// The same for one that nobody was ever told of: nobody is.
  void BuryUntold(const Session& session);

  /// The sessions that are closing.
  [[nodiscard]] std::vector<Session> Closing() const;

  /// The ids of all sessions known.
  [[nodiscard]] std::vector<std::string> Ids() const;

 private:
  [[nodiscard]] std::optional<RawEvent> SessionChanged(const LogindSignal& signal);
  [[nodiscard]] std::optional<RawEvent> SessionRemoved(const std::string& id);
  [[nodiscard]] std::optional<RawEvent> SeatRemoved(const std::string& name);
  [[nodiscard]] RawEvent LockRequested(const std::string& id);
  [[nodiscard]] RawEvent UnlockRequested(const std::string& id);
  [[nodiscard]] const Session* Find(const std::string& id) const;
  [[nodiscard]] std::optional<RawEvent> Keep(Session session);

  [[nodiscard]] bool IsBuried(const Session& session) const;

  std::map<std::string, Session> sessions_;
  std::map<std::string, int64_t> buried_;  ///< Id → when it was created: ids are reused.
  SeatMap seats_;
};

}  // namespace broker
