#include "session/changes.h"

#include <memory>
#include <utility>

#include "session/transitions.h"

namespace broker {
namespace {

Session Ended(Session session) {
  session.active = false;
  session.state = SessionState::kClosing;
  return session;
}

bool IsConnectionStep(EventType type) {
  return type == EventType::kSessionConnected || type == EventType::kSessionDisconnected;
}

/// The session whose connection an event of this type tells of.
const SessionRef& Connected(const Event& event) {
  return event.type == EventType::kSessionConnected ? event.session : event.before;
}

}  // namespace

Changes::Changes(SessionTable& table, ChangeStamp stamp, std::vector<Event>& out)
    : table_(table), stamp_(std::move(stamp)), out_(out) {}

void Changes::See(Session facts, SessionRef known) {
  if (known && known->Key() != facts.Key()) {
    With(stamp_.reconciled, "id reused").End(known);
    known = nullptr;
  }
  const int64_t told_logon_us = facts.logon_time_us;
  Session target = Settled(known.get(), std::move(facts));
  if (known && *known == target) return;
  const Steps steps = StepsBetween(known.get(), &target);
  Walk(std::move(known), steps, std::move(target), told_logon_us);
}

void Changes::End(const SessionRef& session) {
  Walk(session, StepsBetween(session.get(), nullptr), Ended(*session));
}

void Changes::SwitchSeat(const std::string& seat, const std::string& to) {
  const auto known = table_.Seats().find(seat);
  const std::string from = known == table_.Seats().end() ? std::string() : known->second;
  if (from == to) return;
  Event& event = Append(EventType::kConsoleSwitched);
  event.session = table_.Find(to);
  event.details = {{"seat", seat}, {"from", from}, {"to", to}};
  table_.Apply(event);
}

void Changes::Tell(EventType type, SessionRef session, Details details) {
  Event& event = Append(type);
  event.session = std::move(session);
  event.details = std::move(details);
  table_.Apply(event);
}

void Changes::Unlock(const SessionRef& session, std::string reason) {
  Session target = *session;
  target.locked = Locked::kNo;
  const Steps steps = StepsBetween(session.get(), &target);
  With(stamp_.origin, std::move(reason)).Walk(session, steps, std::move(target));
}

/// Emits the steps that lead from `session` (null: none) to `target`, or, if the last one ends it,
/// to none, and leaves the table with that.
void Changes::Walk(SessionRef session, const Steps& steps, Session target, int64_t told_logon_us) {
  if (steps.empty())
    return table_.ReplaceQuietly(std::make_shared<const Session>(std::move(target)));
  const int64_t logon_time_us =
      told_logon_us != 0 ? told_logon_us : LogonTime(session.get(), target);
  for (size_t i = 0; i + 1 < steps.size(); ++i) {
    SessionRef after = AfterStep(steps[i], session.get(), target, logon_time_us);
    session = Step(steps[i], std::move(session), std::move(after));
  }
  SessionRef last = AfterLastStep(steps.back(), session.get(), std::move(target), logon_time_us);
  Step(steps.back(), std::move(session), std::move(last));
}

/// Emits one step; answers the session after it, valid until the next one.
const SessionRef& Changes::Step(EventType type, SessionRef before, SessionRef after) {
  Event& event = Append(type);
  event.before = std::move(before);
  event.session = std::move(after);
  if (IsConnectionStep(type))
    event.details.emplace_back("via", Name(ConnectionOf(*Connected(event))));
  table_.Apply(event);
  return event.session;
}

Changes Changes::With(Origin origin, std::string reason) const {
  ChangeStamp stamp = stamp_;
  stamp.origin = origin;
  stamp.reason = std::move(reason);
  return {table_, std::move(stamp), out_};
}

/// An event in its place, to be filled and then applied.
Event& Changes::Append(EventType type) {
  Event& event = out_.emplace_back();
  event.type = type;
  event.time = stamp_.time;
  event.origin = stamp_.origin;
  event.source = stamp_.source;
  event.reason = stamp_.reason;
  return event;
}

/// When a session that logs on in this report did so: now, or, where it is only found logged on,
/// when it was created. The monotonic clock stands still while the machine sleeps, so that may be
/// too late, never too early.
int64_t Changes::LogonTime(const Session* before, const Session& after) const {
  const Timestamp& now = stamp_.time;
  const bool found = stamp_.origin == Origin::kReconciled && before == nullptr;
  if (!found || after.created_us <= 0 || after.created_us > now.monotonic_us)
    return now.realtime_us;
  return now.realtime_us - (now.monotonic_us - after.created_us);
}

}  // namespace broker
