#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "event/clock.h"
#include "event/session.h"

namespace broker {

/// What a source reports. A level rather than an edge wherever the OS allows it: the session stage
/// compares facts with its table, so a report may repeat, and one that was lost heals with the
/// next.
enum class RawKind : int32_t {
  kSnapshot = 0,  ///< `sessions` and `seats` are all there is now: at start, after a loss, resume.
  kSession,       ///< `session` is as given now (new, or something about it changed).
  kSessionRemoved,   ///< The session with `session.id` is gone.
  kSessionStuck,     ///< The session with `session.id` is as good as gone, though the OS keeps it.
  kSeat,             ///< The seats in `seats` have that active session now.
  kLockRequested,    ///< Somebody asks `session.id` to lock. Requests repeat.
  kUnlockRequested,  ///< Somebody asks `session.id` to unlock.
  kSuspending,       ///< The machine is about to sleep.
  kResumed,          ///< It woke up, or does not go down after all; a kSnapshot follows.
  kShuttingDown,     ///< It is about to go down; nothing more may come.
  kLost,             ///< The OS's reporter is gone, or reports were dropped; a kSnapshot follows.
  kEnd,              ///< Nothing more will ever come: a scenario with `then = "stop"` is over.
};

/// Seat name → id of its active session; empty id = none.
using SeatMap = std::map<std::string, std::string>;

/// One thing the OS said, decoded but untranslated. `logon_time_us` of its sessions is left empty
/// unless the system itself says when the user logged on: the session stage gives it. So it does
/// the `key`; a source that knows it and keeps its sessions gives it itself, and shares their
/// memory with the table.
struct RawEvent {
  RawKind kind = RawKind::kSnapshot;
  Timestamp time;   ///< When the source heard it.
  Session session;  ///< kSession: all facts; kSessionRemoved, …Stuck, …Requested: the id only.
  std::vector<Session> sessions;  ///< kSnapshot.
  SeatMap seats;                  ///< kSnapshot: every seat; kSeat: those that changed.
  int64_t delay_us = 0;  ///< kSuspending, kShuttingDown: how long it waits for Source::EndDelay.
  std::string reason;    ///< For people: "start", "logind restarted", "queue full", …; kEnd: what
                         ///< went wrong, if anything did.
};

/// Takes what a source says. Thread-safe, noexcept, never blocks: the OS must not wait for us.
class RawSink {
 public:
  virtual ~RawSink() = default;
  virtual void Submit(RawEvent raw) noexcept = 0;

  /// For sources that make their own time and may wait: returns once reports can be taken without
  /// loss; false when that did not happen within `timeout`. Call from the source's own thread,
  /// without a lock that others wait for.
  virtual bool WaitForRoom(std::chrono::milliseconds /*timeout*/) noexcept { return true; }
};

}  // namespace broker
