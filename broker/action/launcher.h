#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "action/launch.h"
#include "event/clock.h"
#include "event/diagnostics.h"

namespace broker {

/// Is told what becomes of agents. Called on any thread, also while Start has not returned yet;
/// must not wait for anything.
class LaunchListener {
 public:
  virtual ~LaunchListener() = default;
  /// The agent is at work; once more where somebody else has had it begin again.
  virtual void Started(LaunchId launch, LaunchStart start) noexcept = 0;
  /// It has ended, or could not be started; the last that is heard of it.
  virtual void Ended(LaunchId launch, LaunchEnd end) noexcept = 0;
};

/// Runs agents in sessions. Knows of no policy but that of the system: whether a program is
/// trusted. There is one agent at most for an instance, a name and a session (or user): the system
/// itself knows them by these, so that they are found again after a crash of the broker. One that
/// nobody asks for any more ends before its like of the other scope begins (but for one that is
/// only pretended).
///
/// Thread-safe; nothing waits for a program, a disk or a bus.
class Launcher {
 public:
  /// Those to be kept go on; the others are ended, and given a moment.
  virtual ~Launcher() = default;

  /// Begins an agent, or takes over the one that runs already; tells `listener` of it until Ended.
  virtual LaunchId Start(LaunchOrder order, std::shared_ptr<LaunchListener> listener) = 0;

  /// Ends an agent and all that it started: asks, and after its stop_time makes it. Ended is called
  /// with kStopped then, unless it ended sooner; one that has ended is passed over.
  virtual void Stop(LaunchId launch) noexcept = 0;

  /// Nobody listens to it any more: it goes on if it is to be kept, else it is ended.
  virtual void Release(LaunchId launch) noexcept = 0;

  /// Releases all that an instance of this name has started.
  virtual void ReleaseAll(const std::string& instance) noexcept = 0;

  /// Ends what an instance of this name has started before and has not been asked for since.
  virtual void Settle(const std::string& instance) noexcept = 0;

  /// For agents that only a simulation runs, and whose instances each are at a time of their own:
  /// `instance` has come to `until_us` (monotonic). Tells its listeners of the first thing that has
  /// happened to its agents by then and was not told yet, and answers when that was; nullopt: there
  /// is no more of it. A launcher of this machine's has nothing to do.
  virtual std::optional<int64_t> Advance(const std::string& /*instance*/, int64_t /*until_us*/) {
    return std::nullopt;
  }
};

/// What a launcher leans on; all of it must outlive it.
struct LauncherContext {
  const Clock& clock;  ///< The source's.
  Diagnostics& diagnostics;
};

/// Makes the launcher of this system, or, where nothing is real, one that only pretends: each agent
/// starts at once and runs until it is stopped. Implemented once per system in
/// platform/*/launcher_factory.cc.
std::unique_ptr<Launcher> CreateLauncher(bool simulated, const LauncherContext& context);

}  // namespace broker
