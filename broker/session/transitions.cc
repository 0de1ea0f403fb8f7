#include "session/transitions.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace broker {
namespace {

/// One row of the table: an x for each Phase, in its order, in which events of this type may
/// happen.
struct Rule {
  EventType type;
  std::string_view phases;
};

constexpr std::array<Rule, 11> kRules{{
    // absent, present, logged on, logged off
    {EventType::kSessionCreated, "x---"},
    {EventType::kSessionLogon, "-x--"},
    {EventType::kSessionLogoff, "--x-"},
    {EventType::kSessionDestroyed, "-x-x"},
    {EventType::kSessionConnected, "-xxx"},
    {EventType::kSessionDisconnected, "-xxx"},
    {EventType::kSessionLocked, "-xxx"},
    {EventType::kSessionUnlocked, "-xxx"},
    {EventType::kSessionLockRequested, "-xxx"},
    {EventType::kSessionUnlockRequested, "-xxx"},
    {EventType::kSessionRemoteControl, "-xxx"},
}};

/// How far in its life a state is; online and active are equally far.
int Progress(SessionState state) {
  switch (state) {
    case SessionState::kOpening:
      return 0;
    case SessionState::kOnline:
    case SessionState::kActive:
      return 1;
    case SessionState::kClosing:
      return 2;
  }
  return 0;
}

SessionState InForeground(SessionState state, bool active) {
  if (Progress(state) != 1) return state;
  return active ? SessionState::kActive : SessionState::kOnline;
}

bool SameConnection(const Session& one, const Session& other) {
  const Connection connection = ConnectionOf(one);
  return connection == ConnectionOf(other) &&
         (connection != Connection::kConsole || one.Seat() == other.Seat());
}

/// The lock edge between two states, or kUnknown for none.
EventType LockEdge(Locked before, Locked after) {
  if (before == after || after == Locked::kUnknown) return EventType::kUnknown;
  return after == Locked::kYes ? EventType::kSessionLocked : EventType::kSessionUnlocked;
}

Steps StepsOfChange(const Session& before, const Session& after) {
  const Phase from = PhaseOf(&before);
  const Phase to = PhaseOf(&after);
  const bool moves = !SameConnection(before, after);
  const bool logs_on = to == Phase::kLoggedOn && IsLegal(from, EventType::kSessionLogon);
  const EventType lock_edge = LockEdge(before.locked, after.locked);
  const bool has_edge = lock_edge != EventType::kUnknown;

  Steps steps;
  const auto add_if = [&steps](bool happened, EventType type) {
    if (happened) steps.push_back(type);
  };
  add_if(has_edge && !logs_on, lock_edge);
  add_if(moves && ConnectionOf(before) != Connection::kNone, EventType::kSessionDisconnected);
  add_if(from == Phase::kLoggedOn && to != Phase::kLoggedOn, EventType::kSessionLogoff);
  add_if(moves && ConnectionOf(after) != Connection::kNone, EventType::kSessionConnected);
  add_if(logs_on, EventType::kSessionLogon);
  add_if(has_edge && logs_on, lock_edge);
  return steps;
}

Steps StepsOfEnd(const Session& before) {
  Steps steps;
  if (PhaseOf(&before) == Phase::kLoggedOn) steps.push_back(EventType::kSessionLogoff);
  if (ConnectionOf(before) == Connection::kConsole)
    steps.push_back(EventType::kSessionDisconnected);
  steps.push_back(EventType::kSessionDestroyed);
  return steps;
}

/// A session that begins: nothing has happened to it yet.
Session Newborn(Session session) {
  session.active = false;
  session.logon_time_us = 0;
  if (session.locked == Locked::kYes) session.locked = Locked::kNo;
  session.state =
      IsUserClass(session.Class()) ? SessionState::kOpening : InForeground(session.state, false);
  return session;
}

void SetSeat(Session& session, std::string_view seat) {
  if (session.Seat() == seat) return;
  SessionFacts facts = session.Facts();
  facts.seat = seat;
  session = Session(facts);
}

/// `after`'s facts, but for those that only a step may change: they are as they were before.
Session HeldBack(const Session& before, Session after) {
  SetSeat(after, before.Seat());
  after.active = before.active;
  after.remote = before.remote;
  after.locked = before.locked;
  after.state = before.state;
  after.logon_time_us = before.logon_time_us;
  return after;
}

void Connect(Session& session, const Session& after) {
  SetSeat(session, after.Seat());
  session.remote = after.remote;
  session.active = true;
}

void LogOn(Session& session, int64_t now_us) {
  session.state = SessionState::kOnline;
  session.logon_time_us = std::max<int64_t>(now_us, 1);  // 0 would mean that it never did.
}

void TakeStep(EventType type, Session& session, const Session& after, int64_t now_us) {
  switch (type) {
    case EventType::kSessionConnected:
      Connect(session, after);
      break;
    case EventType::kSessionDisconnected:
      session.active = false;
      break;
    case EventType::kSessionLocked:
      session.locked = Locked::kYes;
      break;
    case EventType::kSessionUnlocked:
      session.locked = Locked::kNo;
      break;
    case EventType::kSessionLogon:
      LogOn(session, now_us);
      break;
    case EventType::kSessionLogoff:
      session.state = SessionState::kClosing;
      break;
    default:
      break;
  }
  session.state = InForeground(session.state, session.active);
}

/// The session with another class.
Session OfClass(const Session& session, std::string_view session_class) {
  SessionFacts facts = session.Facts();
  facts.session_class = session_class;
  return Session(facts);
}

}  // namespace

Phase PhaseOf(const Session* session) {
  if (session == nullptr) return Phase::kAbsent;
  if (!IsUserClass(session->Class())) return Phase::kPresent;
  switch (session->state) {
    case SessionState::kOpening:
      return Phase::kPresent;
    case SessionState::kOnline:
    case SessionState::kActive:
      return Phase::kLoggedOn;
    case SessionState::kClosing:
      break;
  }
  return session->logon_time_us == 0 ? Phase::kPresent : Phase::kLoggedOff;
}

bool IsLegal(Phase phase, EventType type) {
  const auto rule = std::find_if(kRules.begin(), kRules.end(),
                                 [type](const Rule& each) { return each.type == type; });
  return rule == kRules.end() || rule->phases[static_cast<size_t>(phase)] == 'x';
}

Session Settled(const Session* before, Session facts) {
  facts.logon_time_us = before == nullptr ? 0 : before->logon_time_us;
  if (before != nullptr) {
    if (Progress(facts.state) < Progress(before->state)) facts.state = before->state;
    if (before->locked == Locked::kUnknown && facts.locked == Locked::kNo)
      facts.locked = Locked::kUnknown;
    if (IsUserClass(before->Class()) != IsUserClass(facts.Class()))
      facts = OfClass(facts, before->Class());
  }
  facts.state = InForeground(facts.state, facts.active);
  return facts;
}

Steps StepsBetween(const Session* before, const Session* after) {
  if (after == nullptr) return before == nullptr ? Steps{} : StepsOfEnd(*before);
  if (before != nullptr) return StepsOfChange(*before, *after);
  Steps steps{EventType::kSessionCreated};
  const Steps rest = StepsOfChange(Newborn(*after), *after);
  steps.insert(steps.end(), rest.begin(), rest.end());
  return steps;
}

SessionRef AfterStep(EventType type, const Session* before, const Session& after, int64_t now_us) {
  if (type == EventType::kSessionDestroyed) return nullptr;
  Session next = before == nullptr ? Newborn(after) : HeldBack(*before, after);
  TakeStep(type, next, after, now_us);
  if (!StepsOfChange(next, after).empty()) return std::make_shared<const Session>(std::move(next));
  return AfterLastStep(type, before, after, now_us);
}

SessionRef AfterLastStep(EventType type, const Session* before, Session after, int64_t now_us) {
  if (type == EventType::kSessionDestroyed) return nullptr;
  after.logon_time_us = before == nullptr ? 0 : before->logon_time_us;
  if (type == EventType::kSessionLogon) after.logon_time_us = std::max<int64_t>(now_us, 1);
  return std::make_shared<const Session>(std::move(after));
}

}  // namespace broker
