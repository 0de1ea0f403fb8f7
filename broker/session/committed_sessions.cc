#include "session/committed_sessions.h"

#include "event/prefetch.h"

namespace broker {

void CommittedSessions::Restore(const SessionSnapshot& snapshot) {
  const MutexLock lock(mutex_);
  table_.Restore(snapshot);
  as_of_ = snapshot.as_of;
}

void CommittedSessions::Commit(std::span<const Event> events) {
  const MutexLock lock(mutex_);
  for (size_t i = 0; i < events.size(); ++i) {
    PrefetchSessions(events, i);
    table_.Apply(events[i]);
    as_of_ = events[i].seq;
  }
}

void CommittedSessions::Refresh(std::span<const SessionRef> sessions) {
  const MutexLock lock(mutex_);
  for (const SessionRef& session : sessions) {
    const SessionRef held = table_.Find(session->Id());
    if (held && held->Key() == session->Key()) table_.ReplaceQuietly(session);
  }
  static_cast<void>(table_.TakeQuiet());
}

SessionSnapshot CommittedSessions::Snapshot() const {
  const MutexLock lock(mutex_);
  return {table_.All(), table_.Seats(), as_of_};
}

}  // namespace broker
