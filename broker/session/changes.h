#pragma once

#include <string>
#include <utility>
#include <vector>

#include "event/event.h"
#include "session/session_table.h"
#include "session/transitions.h"

namespace broker {

/// What all events of one report have in common.
struct ChangeStamp {
  Timestamp time;
  Origin origin = Origin::kOs;
  Origin reconciled = Origin::kReconciled;  ///< Of what only follows from the report.
  const std::string& source;                ///< Must outlive the report.
  std::string reason;
};

/// Turns changes of sessions and seats into events: appends each, and applies it to the table at
/// once, so that the next is judged by it.
///
/// Not thread-safe; lives for one report.
class Changes {
 public:
  /// `table` and `out` must outlive this.
  Changes(SessionTable& table, ChangeStamp stamp, std::vector<Event>& out);

  /// The same, for changes that have another origin and reason than the rest of the report.
  [[nodiscard]] Changes With(Origin origin, std::string reason) const;

  /// The session with `facts.id` is like this: the steps that lead there. Facts without an event go
  /// to the table. Another session under this id has ended (reconciled, reason "id reused"). A
  /// logon time among the facts is taken for when a logon that is found happened.
  void See(Session facts) {
    SessionRef known = table_.Find(facts.Id());
    See(std::move(facts), std::move(known));
  }
  /// The same where `known` is what the table has under this id.
  void See(Session facts, SessionRef known);

  /// This session of the table is gone.
  void End(const SessionRef& session);

  /// `seat` shows the session with this id (empty: none).
  void SwitchSeat(const std::string& seat, const std::string& to);

  /// An event that changes nothing; `session` may be null.
  void Tell(EventType type, SessionRef session = nullptr, Details details = {});

  /// The session's screen is not locked, whatever is known of it; `reason` says how that is known.
  void Unlock(const SessionRef& session, std::string reason);

 private:
  void Walk(SessionRef session, const Steps& steps, Session target, int64_t told_logon_us = 0);
  const SessionRef& Step(EventType type, SessionRef before, SessionRef after);
  Event& Append(EventType type);
  [[nodiscard]] int64_t LogonTime(const Session* before, const Session& after) const;

  SessionTable& table_;
  ChangeStamp stamp_;
  std::vector<Event>& out_;
};

}  // namespace broker
