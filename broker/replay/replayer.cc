#include "replay/replayer.h"

#include <optional>
#include <utility>

namespace broker {
namespace {

/// What a source reports when events of this type happen; nullopt for those that no source reports.
std::optional<RawKind> KindOf(EventType type) {
  switch (type) {
    case EventType::kSessionCreated:
    case EventType::kSessionLogon:
    case EventType::kSessionLogoff:
    case EventType::kSessionConnected:
    case EventType::kSessionDisconnected:
    case EventType::kSessionLocked:
    case EventType::kSessionUnlocked:
    case EventType::kSessionRemoteControl:
    case EventType::kSessionUnknownChange:
      return RawKind::kSession;
    case EventType::kSessionDestroyed:
      return RawKind::kSessionRemoved;
    case EventType::kSessionLockRequested:
      return RawKind::kLockRequested;
    case EventType::kSessionUnlockRequested:
      return RawKind::kUnlockRequested;
    case EventType::kConsoleSwitched:
      return RawKind::kSeat;
    case EventType::kSystemSuspending:
      return RawKind::kSuspending;
    case EventType::kSystemResumed:
      return RawKind::kResumed;
    case EventType::kSystemShuttingDown:
      return RawKind::kShuttingDown;
    case EventType::kSourceLost:
      return RawKind::kLost;
    case EventType::kSourceResynced:
      return RawKind::kSnapshot;
    default:
      return std::nullopt;
  }
}

bool IsObserved(Origin origin) {
  return origin == Origin::kOs || origin == Origin::kReconciled || origin == Origin::kRecorded;
}

/// Whether the event has what its kind of report is made of.
bool IsWhole(const Event& event, RawKind kind) {
  switch (kind) {
    case RawKind::kSession:
    case RawKind::kLockRequested:
    case RawKind::kUnlockRequested:
      return event.session != nullptr;
    case RawKind::kSessionRemoved:
      return event.before != nullptr;
    case RawKind::kSeat:
      return event.Detail("seat") != nullptr && event.Detail("to") != nullptr;
    default:
      return true;
  }
}

bool IsReplayed(const Event& event) {
  const std::optional<RawKind> kind = KindOf(event.type);
  return kind && IsObserved(event.origin) && IsWhole(event, *kind);
}

}  // namespace

Replayer::Replayer(const SessionSnapshot& beginning, std::string first_boot, Timestamp start)
    : timeline_(std::move(first_boot)), now_(start) {
  table_.Restore(beginning);
}

Timestamp Replayer::GoTo(const StoredEvent& stored) {
  now_ = timeline_.GoTo(stored.boot_id, stored.event.time);
  return now_;
}

void Replayer::Replay(const Event& recorded, std::vector<RawEvent>& out) {
  if (recorded.type == EventType::kBrokerStarted && std::exchange(lost_, false)) {
    // That the source came back is nowhere in the recording: another broker had noticed the loss.
    out.push_back(Snapshot("the recorded broker was started again"));
    return;
  }
  if (!IsReplayed(recorded)) return;
  CatchUp(recorded, out);
  out.push_back(ReportOf(recorded));
  if (recorded.type == EventType::kSourceLost) lost_ = true;
  if (recorded.type == EventType::kSourceResynced) lost_ = false;
}

/// Some facts change without an event; the next one that is about the session shows them.
void Replayer::CatchUp(const Event& recorded, std::vector<RawEvent>& out) {
  const SessionRef& state = recorded.before ? recorded.before : recorded.session;
  const SessionRef known = state ? table_.Find(state->Id()) : nullptr;
  if (known && known->Key() == state->Key() && *known != *state) {
    out.push_back(ReportNow(state, recorded.reason));
  }
}

/// The report of `recorded`, whose effect the table has then.
RawEvent Replayer::ReportOf(const Event& recorded) {
  const RawKind kind = *KindOf(recorded.type);
  if (kind == RawKind::kSession) return ReportNow(recorded.session, recorded.reason);
  table_.Apply(recorded);
  if (kind == RawKind::kSnapshot) return Snapshot(recorded.reason);
  RawEvent raw = Report(kind, recorded.reason);
  if (kind == RawKind::kSeat) {
    raw.seats.emplace(*recorded.Detail("seat"), *recorded.Detail("to"));
  } else if (const SessionRef& named = recorded.session ? recorded.session : recorded.before) {
    raw.session = SessionWithId(named->Id());
  }
  return raw;
}

/// A session is so now. That its lock is not known any more only a snapshot can say.
RawEvent Replayer::ReportNow(const SessionRef& state, const std::string& reason) {
  const SessionRef known = table_.Find(state->Id());
  const bool forgotten = known && known->Key() == state->Key() && known->locked != state->locked &&
                         state->locked == Locked::kUnknown;
  table_.Replace(state);
  if (forgotten) return Snapshot(reason);
  RawEvent raw = Report(RawKind::kSession, reason);
  raw.session = Facts(*state);
  return raw;
}

RawEvent Replayer::Snapshot(std::string reason) const {
  RawEvent raw = Report(RawKind::kSnapshot, std::move(reason));
  for (const SessionRef& session : table_.All()) raw.sessions.push_back(Facts(*session));
  raw.seats = table_.Seats();
  return raw;
}

RawEvent Replayer::Report(RawKind kind, std::string reason) const {
  RawEvent raw;
  raw.kind = kind;
  raw.time = now_;
  raw.reason = std::move(reason);
  return raw;
}

Session Replayer::Facts(const Session& recorded) const {
  SessionFacts facts = recorded.Facts();
  facts.created_us = timeline_.CreatedAt(recorded);
  facts.key.clear();
  return Session(facts);
}

}  // namespace broker
