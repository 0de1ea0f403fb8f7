#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "event/mutex.h"
#include "source/raw_event.h"

namespace broker::testing {

/// Noon of 2026-01-05, an hour after the boot.
inline constexpr Timestamp kNoon{1767614400000000, 3600000000};

/// "session 1 active", "seat seat0 1", "removed 1", …: a report in brief.
inline std::string Brief(const RawEvent& raw) {
  const Session& session = raw.session;
  switch (raw.kind) {
    case RawKind::kSnapshot:
      return "snapshot " + std::to_string(raw.sessions.size()) + " " + raw.reason;
    case RawKind::kSession:
      return "session " + std::string(session.Id()) + " " + std::string(Name(session.state)) +
             (session.active ? " in front" : "") +
             (session.locked == Locked::kNo ? "" : " locked " + std::string(Name(session.locked)));
    case RawKind::kSessionRemoved:
      return "removed " + std::string(session.Id());
    case RawKind::kSessionStuck:
      return "stuck " + std::string(session.Id());
    case RawKind::kSeat:
      return "seat " + raw.seats.begin()->first + " " + raw.seats.begin()->second;
    case RawKind::kLockRequested:
      return "lock requested " + std::string(session.Id());
    case RawKind::kUnlockRequested:
      return "unlock requested " + std::string(session.Id());
    case RawKind::kSuspending:
      return "suspending";
    case RawKind::kResumed:
      return "resumed";
    case RawKind::kShuttingDown:
      return "shutting down " + raw.reason;
    case RawKind::kLost:
      return "lost " + raw.reason;
    case RawKind::kEnd:
      return raw.reason.empty() ? "end" : "end: " + raw.reason;
  }
  return "?";
}

/// Keeps what it is told. Thread-safe.
class Reports final : public RawSink {
 public:
  void Submit(RawEvent raw) noexcept override {
    const MutexLock lock(mutex_);
    reports_.push_back(std::move(raw));
    changed_.NotifyAll();
  }

  /// What was told since the last call.
  std::vector<RawEvent> TakeAll() {
    const MutexLock lock(mutex_);
    return std::exchange(reports_, {});
  }

  std::vector<std::string> Take() {
    std::vector<std::string> brief;
    for (const RawEvent& raw : TakeAll()) brief.push_back(Brief(raw));
    return brief;
  }

  /// Waits until `count` reports are there; false if that takes too long.
  bool WaitForCount(size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const MutexLock lock(mutex_);
    while (reports_.size() < count)
      if (!changed_.WaitUntil(mutex_, deadline)) return false;
    return true;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::vector<RawEvent> reports_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker::testing
