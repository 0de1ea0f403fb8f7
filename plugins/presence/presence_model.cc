#include "presence_model.h"

#include <algorithm>
#include <string_view>

namespace presence {
namespace {

int64_t Micros(usher::Time time) {
  return time.time_since_epoch().count();
}

/// "user" and its newer kin "user-early", …; not greeters, lock screens, services. Source:
/// sd_session_get_class(3).
bool IsUserClass(std::string_view session_class) {
  return session_class == "user" || session_class.starts_with("user-");
}

bool IsLoggedOn(const usher::Session& session) {
  const bool open = session.state() == usher::SessionState::kOnline ||
                    session.state() == usher::SessionState::kActive;
  return open && IsUserClass(session.session_class());
}

/// A session without a seat that is not remote (a service's, a detached shell) has no person before
/// it.
Attachment AttachmentOf(const usher::Session& session) {
  if (!session.active()) return Attachment::kNone;
  if (session.remote()) return Attachment::kRemote;
  return session.seat().empty() ? Attachment::kNone : Attachment::kConsole;
}

Logon ToLogon(const usher::Session& session) {
  Logon logon;
  logon.id = session.id();
  logon.key = session.key();
  logon.user = session.user();
  logon.user_id = session.user_id();
  logon.session_class = session.session_class();
  logon.type = session.type();
  logon.seat = session.seat();
  logon.tty = session.tty();
  logon.display = session.display();
  logon.remote_host = session.remote_host();
  if (const auto time = session.logon_time()) logon.logon_time_us = Micros(*time);
  logon.at = AttachmentOf(session);
  logon.locked = session.locked();
  return logon;
}

bool IsReported(usher::Origin origin) {
  return origin != usher::Origin::kInjected && origin != usher::Origin::kPlugin;
}

bool EndsTheLogon(usher::EventType type) {
  return type == usher::EventType::kSessionLogoff || type == usher::EventType::kSessionDestroyed;
}

}  // namespace

bool IsAtTheMachine(const Logon& logon) {
  return logon.at != Attachment::kNone && logon.locked != usher::Locked::kYes;
}

bool Presence::AnybodyAtTheMachine() const {
  return std::any_of(logons.begin(), logons.end(), IsAtTheMachine);
}

void PresenceModel::Take(const usher::Snapshot& snapshot) {
  logons_.clear();
  for (const usher::Session session : snapshot.sessions()) {
    if (IsLoggedOn(session)) logons_.emplace(session.key(), ToLogon(session));
  }
  as_of_seq_ = snapshot.as_of_seq();
  time_us_ = Micros(snapshot.time());
}

bool PresenceModel::Take(const usher::Event& event) {
  if (event.seq() <= as_of_seq_) return false;
  as_of_seq_ = event.seq();
  time_us_ = Micros(event.time());
  return event.session() && IsReported(event.origin()) && Update(event);
}

bool PresenceModel::Update(const usher::Event& event) {
  const usher::Session session = event.session();
  const auto found = logons_.find(session.key());
  if (EndsTheLogon(event.type()) || !IsLoggedOn(session)) {
    if (found == logons_.end()) return false;
    logons_.erase(found);
    return true;
  }
  Logon logon = ToLogon(session);
  if (found != logons_.end() && found->second == logon) return false;
  logons_.insert_or_assign(logon.key, logon);
  return true;
}

Presence PresenceModel::Current() const {
  Presence presence{as_of_seq_, time_us_, {}};
  for (const auto& entry : logons_) presence.logons.push_back(entry.second);
  std::stable_sort(presence.logons.begin(), presence.logons.end(),
                   [](const Logon& left, const Logon& right) {
                     return left.logon_time_us < right.logon_time_us;
                   });
  return presence;
}

}  // namespace presence
