#include "platform/simulated/desktop.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

constexpr int kFirstUserId = 1001;

std::string InQuotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

SessionState StateOf(const Session& session) {
  if (session.UserId().empty()) return SessionState::kOpening;
  return session.active ? SessionState::kActive : SessionState::kOnline;
}

bool ComesToFront(const LogonRequest& request) {
  return !request.remote && !request.seat.empty() && request.foreground;
}

/// What logind says: a session without a seat is always active.
bool StartsActive(const LogonRequest& request) {
  return ComesToFront(request) || request.remote || request.seat.empty();
}

void SetActive(Session& session, bool active) {
  session.active = active;
  if (session.state != SessionState::kClosing) session.state = StateOf(session);
}

}  // namespace

SimulatedDesktop::SimulatedDesktop(Timestamp now, std::string boot_id)
    : boot_id_(std::move(boot_id)), clock_(now), seats_{{"seat0", ""}} {}

void SimulatedDesktop::Attach(RawSink& sink) {
  const MutexLock lock(mutex_);
  sink_ = &sink;
  Submit(lost_ ? MakeReport(RawKind::kLost, "the reporter is away") : MakeSnapshot("start"));
}

void SimulatedDesktop::Detach() {
  const MutexLock lock(mutex_);
  sink_ = nullptr;
}

void SimulatedDesktop::ReportSnapshot(const std::string& reason) {
  const MutexLock lock(mutex_);
  Report(MakeSnapshot(reason));
}

void SimulatedDesktop::ReportEnd() {
  const MutexLock lock(mutex_);
  Submit(MakeReport(RawKind::kEnd));
}

RawEvent SimulatedDesktop::Snapshot(const std::string& reason) const {
  const MutexLock lock(mutex_);
  return MakeSnapshot(reason);
}

std::string SimulatedDesktop::KeyOf(std::string_view id) const {
  const MutexLock lock(mutex_);
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? std::string() : std::string(found->second.Key());
}

Result<std::string> SimulatedDesktop::Logon(const LogonRequest& request) {
  const MutexLock lock(mutex_);
  if (Status refused = CheckLogon(request); !refused.ok()) return refused;
  return Enter(request);
}

Result<std::string> SimulatedDesktop::ShowLogonScreen(const std::string& seat) {
  const MutexLock lock(mutex_);
  if (Status awake = CheckAwake(); !awake.ok()) return awake;
  LogonRequest nobody;
  nobody.seat = seat;
  return Enter(nobody);
}

Status SimulatedDesktop::LogOnThere(std::string_view id, const std::string& user,
                                    const std::string& user_id) {
  const MutexLock lock(mutex_);
  Session* session = nullptr;
  if (Status found = Find(id, session); !found.ok()) return found;
  if (!session->UserId().empty()) {
    return {StatusCode::kInvalid, "somebody is logged on in session " + InQuotes(id) + " already"};
  }
  SessionFacts facts = session->Facts();
  facts.user = user;
  facts.user_id = user_id.empty() ? UserId(user) : user_id;
  Session theirs(facts);
  theirs.state = StateOf(theirs);
  Replace(std::move(theirs));
  return {};
}

/// A session that is new to the machine.
std::string SimulatedDesktop::Enter(const LogonRequest& request) {
  const bool front = ComesToFront(request);
  if (front) ClearFront(request.seat);
  Session session = MakeSession(request);
  if (!request.remote && !request.seat.empty()) seats_.try_emplace(request.seat);
  ReportSession(session);
  std::string id(session.Id());
  if (front) ShowOn(request.seat, id);
  session.state = StateOf(session);
  ReportSession(session);
  const std::string_view own_id = session.Id();
  sessions_.emplace(own_id, std::move(session));
  return id;
}

Status SimulatedDesktop::Logoff(std::string_view id) {
  const MutexLock lock(mutex_);
  Session* session = nullptr;
  if (Status found = Find(id, session); !found.ok()) return found;
  const Session gone = *session;
  NoteEnd(gone);
  sessions_.erase(sessions_.find(id));
  ReportAbout(RawKind::kSessionRemoved, gone.Id());
  const std::string seat(gone.Seat());
  const auto shown = seats_.find(seat);
  if (shown != seats_.end() && shown->second == gone.Id()) ShowOn(seat, {});
  return {};
}

Status SimulatedDesktop::LeaveProcesses(std::string_view id) {
  const MutexLock lock(mutex_);
  Session* session = nullptr;
  if (Status found = Find(id, session); !found.ok()) return found;
  NoteEnd(*session);
  session->state = SessionState::kClosing;
  ReportSession(*session);
  return {};
}

Status SimulatedDesktop::Lock(std::string_view id) {
  const MutexLock lock(mutex_);
  return SetLocked(id, Locked::kYes);
}

Status SimulatedDesktop::Unlock(std::string_view id) {
  const MutexLock lock(mutex_);
  return SetLocked(id, Locked::kNo);
}

Status SimulatedDesktop::RequestLock(std::string_view id) {
  const MutexLock lock(mutex_);
  Session* session = nullptr;
  if (Status found = Find(id, session); !found.ok()) return found;
  ReportAbout(RawKind::kLockRequested, id);
  return {};
}

Status SimulatedDesktop::RequestUnlock(std::string_view id) {
  const MutexLock lock(mutex_);
  Session* session = nullptr;
  if (Status found = Find(id, session); !found.ok()) return found;
  if (session->locked == Locked::kUnknown) session->locked = Locked::kNo;
  ReportAbout(RawKind::kUnlockRequested, id);
  return {};
}

Status SimulatedDesktop::SwitchTo(std::string_view id) {
  const MutexLock lock(mutex_);
  Session* session = nullptr;
  if (Status found = Find(id, session); !found.ok()) return found;
  if (session->Seat().empty()) {
    return {StatusCode::kInvalid,
            "session " + InQuotes(id) + " has no seat to come to the front of"};
  }
  const std::string seat(session->Seat());
  if (seats_[seat] == session->Id()) return {};
  ClearFront(seat);
  SetActive(*session, true);
  ReportSession(*session);
  ShowOn(seat, id);
  return {};
}

Status SimulatedDesktop::SwitchAway(const std::string& seat) {
  const MutexLock lock(mutex_);
  if (Status awake = CheckAwake(); !awake.ok()) return awake;
  const auto found = seats_.find(seat);
  if (found == seats_.end()) {
    return {StatusCode::kNotFound, "there is no seat " + InQuotes(seat)};
  }
  if (found->second.empty()) return {};
  ClearFront(seat);
  ShowOn(seat, {});
  return {};
}

Status SimulatedDesktop::DisconnectRemote(std::string_view id) {
  const MutexLock lock(mutex_);
  return SetRemote(id, false);
}

Status SimulatedDesktop::ReconnectRemote(std::string_view id) {
  const MutexLock lock(mutex_);
  return SetRemote(id, true);
}

Status SimulatedDesktop::TakeOver(std::string_view id, const std::string& remote_host) {
  const MutexLock lock(mutex_);
  Session* session = nullptr;
  if (Status found = Find(id, session); !found.ok()) return found;
  if (session->Seat().empty()) {
    return {StatusCode::kInvalid, "session " + InQuotes(id) + " has no seat to leave"};
  }
  SessionFacts facts = session->Facts();
  const std::string seat = std::exchange(facts.seat, {});
  facts.remote = true;
  facts.remote_host = remote_host;
  Session moved(facts);
  SetActive(moved, true);
  Replace(std::move(moved));
  if (seats_[seat] == facts.id) ShowOn(seat, {});
  return {};
}

Status SimulatedDesktop::CheckLogon(const LogonRequest& request) const {
  if (Status awake = CheckAwake(); !awake.ok()) return awake;
  if (request.user.empty()) return {StatusCode::kInvalid, "a logon needs a user"};
  if (sessions_.contains(request.id)) {
    return {StatusCode::kExists, "there is a session " + InQuotes(request.id) + " already"};
  }
  return {};
}

Status SimulatedDesktop::Find(std::string_view id, Session*& session) {
  if (Status awake = CheckAwake(); !awake.ok()) return awake;
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) {
    return {StatusCode::kNotFound, "there is no session " + InQuotes(id)};
  }
  session = &found->second;
  return {};
}

Status SimulatedDesktop::SetLocked(std::string_view id, Locked locked) {
  Session* session = nullptr;
  if (Status found = Find(id, session); !found.ok()) return found;
  const bool unnoticed = session->locked == Locked::kUnknown && locked == Locked::kNo;
  if (unnoticed || session->locked == locked) return {};
  session->locked = locked;
  ReportSession(*session);
  return {};
}

Status SimulatedDesktop::SetRemote(std::string_view id, bool connected) {
  Session* session = nullptr;
  if (Status found = Find(id, session); !found.ok()) return found;
  if (!session->remote) {
    return {StatusCode::kInvalid, "session " + InQuotes(id) + " is not remote"};
  }
  if (session->active == connected) return {};
  SetActive(*session, connected);
  ReportSession(*session);
  return {};
}

/// The one of that id is so from now on.
void SimulatedDesktop::Replace(Session session) {
  ReportSession(session);
  sessions_.erase(sessions_.find(session.Id()));
  const std::string_view own_id = session.Id();
  sessions_.emplace(own_id, std::move(session));
}

/// The session as it is first seen: still opening, though already in front.
Session SimulatedDesktop::MakeSession(const LogonRequest& request) {
  SessionFacts session;
  session.id = request.id.empty() ? ChooseId() : request.id;
  session.user = request.user;
  session.user_id = request.user_id.empty() ? UserId(request.user) : request.user_id;
  session.session_class = request.session_class;
  session.type = request.type;
  session.seat = request.remote ? std::string() : request.seat;
  session.tty = ChooseTerminal(request);
  session.display = request.display;
  session.remote_host = request.remote_host;
  last_created_us_ = std::max(clock_.Now().monotonic_us, last_created_us_ + 1);
  session.created_us = last_created_us_;
  if (!boot_id_.empty()) session.key = MakeSessionKey(boot_id_, session.id, session.created_us);
  session.active = StartsActive(request);
  session.remote = request.remote;
  return Session(session);
}

std::string SimulatedDesktop::ChooseTerminal(const LogonRequest& request) {
  if (request.remote) return "pts/" + std::to_string(next_pty_++);
  return request.seat.empty() ? std::string() : "tty" + std::to_string(next_terminal_++);
}

std::string SimulatedDesktop::ChooseId() {
  while (sessions_.contains(std::to_string(next_id_))) ++next_id_;
  return std::to_string(next_id_++);
}

std::string SimulatedDesktop::UserId(const std::string& user) {
  if (user.empty()) return {};
  const int next = kFirstUserId + static_cast<int>(user_ids_.size());
  return std::to_string(user_ids_.try_emplace(user, next).first->second);
}

void SimulatedDesktop::ClearFront(const std::string& seat) {
  const auto found = seats_.find(seat);
  if (found == seats_.end()) return;
  const auto front = sessions_.find(found->second);
  if (front == sessions_.end()) return;
  SetActive(front->second, false);
  ReportSession(front->second);
}

void SimulatedDesktop::ShowOn(const std::string& seat, std::string_view id) {
  seats_.insert_or_assign(seat, std::string(id));
  RawEvent raw = MakeReport(RawKind::kSeat);
  raw.seats.emplace(seat, id);
  Report(std::move(raw));
}

RawEvent SimulatedDesktop::MakeReport(RawKind kind, const std::string& reason) const {
  RawEvent raw;
  raw.kind = kind;
  raw.time = clock_.Now();
  raw.reason = reason;
  return raw;
}

RawEvent SimulatedDesktop::MakeSnapshot(const std::string& reason) const {
  RawEvent raw = MakeReport(RawKind::kSnapshot, reason);
  for (const auto& [id, session] : sessions_) raw.sessions.push_back(session);
  raw.seats = seats_;
  return raw;
}

void SimulatedDesktop::Submit(RawEvent&& raw) {
  if (sink_ != nullptr) sink_->Submit(std::move(raw));
}

void SimulatedDesktop::Report(RawEvent&& raw) {
  if (!lost_) Submit(std::move(raw));
}

void SimulatedDesktop::ReportSession(const Session& session) {
  RawEvent raw = MakeReport(RawKind::kSession);
  raw.session = session;
  Report(std::move(raw));
}

void SimulatedDesktop::ReportAbout(RawKind kind, std::string_view id) {
  RawEvent raw = MakeReport(kind);
  raw.session = SessionWithId(id);
  Report(std::move(raw));
}

}  // namespace broker
