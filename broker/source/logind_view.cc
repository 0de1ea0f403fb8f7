#include "source/logind_view.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

RawEvent OfKind(RawKind kind, Session session) {
  RawEvent raw;
  raw.kind = kind;
  raw.session = std::move(session);
  return raw;
}

RawEvent OfSeat(const std::string& name, const std::string& active) {
  RawEvent raw;
  raw.kind = RawKind::kSeat;
  raw.seats.emplace(name, active);
  return raw;
}

RawEvent StaysUp() {
  RawEvent raw = OfKind(RawKind::kResumed, {});
  raw.reason = "shutdown called off";
  return raw;
}

bool SameSession(const Session& before, const Session& now) {
  return before.Id() == now.Id() && before.created_us == now.created_us;
}

/// The lock state once the hint was read again: "no" may only mean that logind has forgotten.
Locked Reread(Locked before, Locked now, bool forgetful) {
  if (now != Locked::kNo) return now;
  const bool forgotten = before == Locked::kUnknown || (forgetful && before == Locked::kYes);
  return forgotten ? Locked::kUnknown : now;
}

}  // namespace

std::optional<RawEvent> LogindView::SessionRead(const std::string& id,
                                                const PropertyMap& properties) {
  Session session = DecodeSession(id, properties);
  if (IsBuried(session)) return std::nullopt;
  buried_.erase(id);
  const Session* before = Find(id);
  if (before && SameSession(*before, session)) {
    session.locked = Reread(before->locked, session.locked, false);
  }
  return Keep(std::move(session));
}

std::optional<RawEvent> LogindView::Heard(const LogindSignal& signal) {
  switch (signal.says) {
    case LogindSays::kSessionRemoved:
      return SessionRemoved(signal.name);
    case LogindSays::kSessionChanged:
      return SessionChanged(signal);
    case LogindSays::kSeatChanged:
      return SeatRead(signal.name, signal.changed);
    case LogindSays::kSeatRemoved:
      return SeatRemoved(signal.name);
    case LogindSays::kLock:
      return LockRequested(signal.name);
    case LogindSays::kUnlock:
      return UnlockRequested(signal.name);
    case LogindSays::kSuspending:
      return OfKind(RawKind::kSuspending, {});
    case LogindSays::kResumed:
      return OfKind(RawKind::kResumed, {});
    case LogindSays::kShuttingDown:
      return OfKind(RawKind::kShuttingDown, {});
    case LogindSays::kStaysUp:
      return StaysUp();
    case LogindSays::kSessionNew:
    case LogindSays::kSessionOutdated:
    case LogindSays::kSeatNew:
    case LogindSays::kGone:
    case LogindSays::kBack:
      break;
  }
  return std::nullopt;
}

std::optional<RawEvent> LogindView::SessionChanged(const LogindSignal& signal) {
  const Session* before = Find(signal.name);
  if (!before) return std::nullopt;
  SessionFacts session = before->Facts();
  ApplyChanges(signal.changed, session);
  return Keep(Session(session));
}

std::optional<RawEvent> LogindView::StateRead(const std::string& id, SessionState state) {
  const Session* before = Find(id);
  if (!before) return std::nullopt;
  Session session = *before;
  const bool settled = state == SessionState::kOnline || state == SessionState::kActive;
  // Which of the two it is follows Active, whose own signal may still be on its way.
  session.state = settled ? ForegroundState(session.active) : state;
  return Keep(std::move(session));
}

std::optional<RawEvent> LogindView::SessionRemoved(const std::string& id) {
  buried_.erase(id);
  if (sessions_.erase(id) == 0) return std::nullopt;
  return OfKind(RawKind::kSessionRemoved, SessionWithId(id));
}

std::optional<RawEvent> LogindView::SeatRead(const std::string& name,
                                             const PropertyMap& properties) {
  const auto active = DecodeActiveSession(properties);
  if (!active) return std::nullopt;
  const auto [entry, fresh] = seats_.try_emplace(name, *active);
  if (!fresh && entry->second == *active) return std::nullopt;
  entry->second = *active;
  return OfSeat(name, *active);
}

std::optional<RawEvent> LogindView::SeatRemoved(const std::string& name) {
  return seats_.erase(name) == 0 ? std::nullopt : std::optional(OfSeat(name, {}));
}

RawEvent LogindView::LockRequested(const std::string& id) {
  return OfKind(RawKind::kLockRequested, SessionWithId(id));
}

RawEvent LogindView::UnlockRequested(const std::string& id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end() && found->second.locked == Locked::kUnknown) {
    found->second.locked = Locked::kNo;
  }
  return OfKind(RawKind::kUnlockRequested, SessionWithId(id));
}

RawEvent LogindView::Snapshot(std::vector<Session> sessions, SeatMap seats, bool forgetful,
                              std::string reason) {
  const auto buried = std::stable_partition(
      sessions.begin(), sessions.end(), [this](const Session& each) { return !IsBuried(each); });
  std::map<std::string, int64_t> still_buried;
  for (auto each = buried; each != sessions.end(); ++each) {
    still_buried.emplace(each->Id(), each->created_us);
  }
  sessions.erase(buried, sessions.end());
  buried_ = std::move(still_buried);
  std::map<std::string, Session> now;
  for (Session& session : sessions) {
    const Session* before = Find(std::string(session.Id()));
    if (before && SameSession(*before, session)) {
      session.locked = Reread(before->locked, session.locked, forgetful);
    }
    now.insert_or_assign(std::string(session.Id()), session);
  }
  sessions_ = std::move(now);
  seats_ = seats;
  RawEvent raw;
  raw.kind = RawKind::kSnapshot;
  raw.sessions = std::move(sessions);
  raw.seats = std::move(seats);
  raw.reason = std::move(reason);
  return raw;
}

RawEvent LogindView::Bury(const std::string& id, std::string reason) {
  if (const Session* session = Find(id)) buried_[id] = session->created_us;
  sessions_.erase(id);
  RawEvent raw = OfKind(RawKind::kSessionStuck, SessionWithId(id));
  raw.reason = std::move(reason);
  return raw;
}

void LogindView::BuryUntold(const Session& session) {
  buried_[std::string(session.Id())] = session.created_us;
}

bool LogindView::IsBuried(const Session& session) const {
  const auto found = buried_.find(std::string(session.Id()));
  return found != buried_.end() && found->second == session.created_us;
}

std::vector<Session> LogindView::Closing() const {
  std::vector<Session> closing;
  for (const auto& [id, session] : sessions_) {
    if (session.state == SessionState::kClosing) closing.push_back(session);
  }
  return closing;
}

std::vector<std::string> LogindView::Ids() const {
  std::vector<std::string> ids;
  ids.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) ids.push_back(id);
  return ids;
}

const Session* LogindView::Find(const std::string& id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

std::optional<RawEvent> LogindView::Keep(Session session) {
  const auto [entry, fresh] = sessions_.try_emplace(std::string(session.Id()), session);
  if (!fresh && entry->second == session) return std::nullopt;
  entry->second = session;
  return OfKind(RawKind::kSession, std::move(session));
}

}  // namespace broker
