#include "session/session_table.h"

#include <algorithm>

#include "session/session_events.h"

namespace broker {

SessionRef SessionTable::Find(std::string_view id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->session;
}

std::vector<SessionRef> SessionTable::All() const {
  std::vector<SessionRef> all;
  all.reserve(sessions_.size());
  for (const Entry& entry : sessions_) all.push_back(entry.session);
  std::ranges::sort(all, {}, [](const SessionRef& session) { return session->Id(); });
  return all;
}

void SessionTable::Apply(const Event& event) {
  if (ReplacesSession(event)) return Replace(event.session);
  if (!IsObserved(event.origin)) return;
  if (event.type == EventType::kConsoleSwitched) {
    MoveSeat(event);
  } else if (event.type == EventType::kSessionDestroyed) {
    Remove(event.session ? event.session : event.before);
  }
}

void SessionTable::Replace(SessionRef session) {
  if (!session) return;
  const auto found = sessions_.find(session->Id());
  if (found == sessions_.end()) {
    sessions_.insert({std::move(session)});
  } else {
    found->session = std::move(session);
  }
}

void SessionTable::ReplaceQuietly(SessionRef session) {
  quiet_.push_back(session);
  Replace(std::move(session));
}

void SessionTable::Restore(const SessionSnapshot& snapshot) {
  sessions_.clear();
  for (const SessionRef& session : snapshot.sessions) Replace(session);
  seats_ = snapshot.seats;
}

void SessionTable::MoveSeat(const Event& event) {
  const std::string* seat = event.Detail("seat");
  const std::string* to = event.Detail("to");
  if (seat != nullptr) seats_.insert_or_assign(*seat, to == nullptr ? std::string() : *to);
}

void SessionTable::Remove(const SessionRef& session) {
  if (!session) return;
  const auto found = sessions_.find(session->Id());
  if (found != sessions_.end() && found->session->Key() == session->Key()) sessions_.erase(found);
}

}  // namespace broker
