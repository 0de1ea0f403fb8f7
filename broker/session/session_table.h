#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "event/event.h"
#include "event/session.h"
#include "source/raw_event.h"

namespace broker {

/// All sessions and seats at one point of the log.
struct SessionSnapshot {
  std::vector<SessionRef> sessions;  ///< By id.
  SeatMap seats;
  Seq as_of = 0;  ///< The last event that is in it.
};

/// The sessions there are: the one mutable truth of the pipeline. It is the fold of the log's
/// events, so a restarted broker rebuilds it from a segment's snapshot and the events behind it.
///
/// Not thread-safe; call from the pipeline thread. Others read CommittedSessions.
class SessionTable {
 public:
  /// The live session with this OS id, or null.
  [[nodiscard]] SessionRef Find(std::string_view id) const;

  /// By id.
  [[nodiscard]] std::vector<SessionRef> All() const;
  [[nodiscard]] const SeatMap& Seats() const { return seats_; }
  [[nodiscard]] size_t Size() const { return sessions_.size(); }

  /// Takes the event's effect: `session` replaces the one with its id, session.destroyed removes
  /// the one with its key, console.switched moves the seat (details `seat` and `to`). Events that
  /// merely mention a session (agent.started), injected ones and plugins' change nothing.
  void Apply(const Event& event);

  /// Takes the session as it is.
  void Replace(SessionRef session);
  /// Facts that have no event of their own (a display that became known late).
  void ReplaceQuietly(SessionRef session);
  /// The sessions that were so replaced since the last call, oldest first.
  [[nodiscard]] std::vector<SessionRef> TakeQuiet() { return std::exchange(quiet_, {}); }

  /// Starts over from a snapshot.
  void Restore(const SessionSnapshot& snapshot);

 private:
  /// The session that has an id now: replaced in place, since the id stays.
  struct Entry {
    mutable SessionRef session;
  };
  struct ById {
    using is_transparent = void;
    using is_avalanching = void;  // As std::hash of a text is.
    static std::string_view Of(std::string_view id) { return id; }
    static std::string_view Of(const Entry& entry) { return entry.session->Id(); }
    size_t operator()(const auto& key) const { return std::hash<std::string_view>()(Of(key)); }
    bool operator()(const auto& one, const auto& other) const { return Of(one) == Of(other); }
  };

  void MoveSeat(const Event& event);
  void Remove(const SessionRef& session);

  boost::unordered_flat_set<Entry, ById, ById> sessions_;  ///< A pointer each, no nodes.
  SeatMap seats_;
  std::vector<SessionRef> quiet_;
};

}  // namespace broker
