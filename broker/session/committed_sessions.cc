#include "session/committed_sessions.h"

#include <array>
#include <functional>
#include <vector>

#include "session/session_events.h"

namespace broker {
namespace {

/// The sessions that were replaced, or most of those.
class Replaced {
 public:
  void Add(const Session* session) { Slot(session) = session; }
  bool Has(const Session* session) { return Slot(session) == session; }

 private:
  static constexpr size_t kSlots = 512;
  static constexpr size_t kGranularity = 16;  // What allocations begin at a multiple of.

  const Session*& Slot(const Session* session) {
    return slots_[std::hash<const Session*>()(session) / kGranularity % kSlots];
  }

  std::array<const Session*, kSlots> slots_{};
};

/// For each event, whether its session is replaced by one behind it: then its effect is not seen.
std::vector<bool> FindOvertaken(std::span<const Event> events) {
  Replaced replaced;
  std::vector<bool> overtaken(events.size());
  for (size_t i = events.size(); i-- > 0;) {
    const Event& event = events[i];
    if (!ReplacesSession(event)) continue;
    overtaken[i] = replaced.Has(event.session.get());
    if (event.before) replaced.Add(event.before.get());
  }
  return overtaken;
}

}  // namespace

void CommittedSessions::Restore(const SessionSnapshot& snapshot) {
  const MutexLock lock(mutex_);
  table_.Restore(snapshot);
  as_of_ = snapshot.as_of;
}

void CommittedSessions::Commit(std::span<const Event> events) {
  if (events.empty()) return;
  const std::vector<bool> overtaken = FindOvertaken(events);
  const MutexLock lock(mutex_);
  for (size_t i = 0; i < events.size(); ++i) {
    if (!overtaken[i]) table_.Apply(events[i]);
  }
  as_of_ = events.back().seq;
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
