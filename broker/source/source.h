#pragma once

#include <memory>
#include <string>
#include <vector>

#include "event/clock.h"
#include "event/status.h"
#include "source/raw_event.h"

namespace broker {

class Launcher;
class Runner;

/// What a source can and cannot report, for the status and the documentation.
struct SourceCapabilities {
  bool remote_disconnect = false;  ///< Says when a remote terminal detaches (logind cannot).
  bool lock_state = false;         ///< Knows whether a session is locked.
  bool delays = false;             ///< Can have the machine wait before it sleeps or goes down.
  bool real = true;       ///< Tells of this machine now: what it says may be acted on and kept.
  bool recorded = false;  ///< Tells again what was recorded before; its events are marked so.
};

/// Produces raw events from one system. Owns whatever threads it needs.
///
/// Start once, Stop once, both from one thread; everything else happens on the source's own thread.
class Source {
 public:
  virtual ~Source() = default;

  /// The sessions of this boot that were there when it was last followed, by the broker before.
  /// What a system merely keeps, though it is as good as gone, is news only if it is among them.
  /// Before Start, once or never.
  virtual void Remember(const std::vector<SessionRef>& /*sessions*/) {}

  /// Begins to report into `sink`, which must outlive Stop(). The first report is a kSnapshot with
  /// reason "start". Waits for nothing longer than a few seconds: a system that cannot be reached
  /// now is retried with backoff, reported as kLost until then. Fails only for what a restart of
  /// the system will not mend (no bus socket address, an unreadable scenario).
  virtual Status Start(RawSink& sink) = 0;

  /// Ends reporting; no call into the sink happens after it returns. Bounded by a second.
  virtual void Stop() noexcept = 0;

  /// Asks for a kSnapshot (reason "on request") of what is now, where reports were lost on their
  /// way: the queue was full. The snapshot comes later, from the source's thread; while the system
  /// cannot be reached, the one that ends the loss serves. A source that repeats everything, or
  /// that ended, ignores it. Thread-safe.
  virtual void RequestSnapshot() noexcept {}

  /// Everyone is done with the kSuspending or kShuttingDown that was reported at `reported_us`
  /// (monotonic): the machine need not wait any longer. Ignored for all but the last one.
  /// Thread-safe.
  virtual void EndDelay(int64_t /*reported_us*/) noexcept {}

  /// Everyone who listens is up: a source that makes its own time, a scenario's, goes on from its
  /// first snapshot now; one that follows a system ignores it. Once, between Start and Stop.
  virtual void ListenersReady() noexcept {}

  /// The boot, and the machine, that it reports on, where that is not this machine's: a simulated
  /// one, a recorded one. Empty = this machine's.
  [[nodiscard]] virtual std::string BootId() const { return {}; }
  [[nodiscard]] virtual std::string MachineId() const { return {}; }

  /// Runs the agents of a desktop that is the source's own; null: this source has none. Must not
  /// outlive it.
  [[nodiscard]] virtual std::shared_ptr<Launcher> OwnLauncher() { return nullptr; }
  /// The same for programs.
  [[nodiscard]] virtual std::shared_ptr<Runner> OwnRunner() { return nullptr; }

  /// Stable name as it stands in events: "logind", "simulated", "replay", …
  [[nodiscard]] virtual std::string Name() const = 0;
  [[nodiscard]] virtual SourceCapabilities Capabilities() const = 0;

  /// The clock this source's events are stamped with; the broker stamps its own with the same one.
  /// Owned by the source, valid as long as it is.
  [[nodiscard]] virtual const Clock& SourceClock() const = 0;
};

}  // namespace broker
