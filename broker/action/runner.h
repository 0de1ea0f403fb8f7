#pragma once

#include <cstdint>
#include <memory>

#include "action/run.h"
#include "event/diagnostics.h"

namespace broker {

/// Is told what becomes of runs. Called on any thread, also while Start has not returned yet; must
/// not wait for anything.
class RunListener {
 public:
  virtual ~RunListener() = default;
  /// The program is at work; `pid` is its process.
  virtual void Started(RunId run, int64_t pid) noexcept = 0;
  /// It has ended, or could not be started; the last that is heard of it.
  virtual void Ended(RunId run, RunEnd end) noexcept = 0;
};

/// Runs programs, each once. Knows of no policy but that of the system: whether a program is
/// trusted, and whose rights it may get.
///
/// Thread-safe; nothing waits for a program, a disk or a bus.
class Runner {
 public:
  /// Ends what still runs, and gives that a moment.
  virtual ~Runner() = default;

  /// Begins a run, and tells `listener` of it until Ended.
  virtual RunId Start(RunOrder order, std::shared_ptr<RunListener> listener) = 0;

  /// Ends a run and all that it started: asks, and two seconds later makes it. Ended is called with
  /// kCancelled then; one that has ended is passed over.
  virtual void Cancel(RunId run) noexcept = 0;
};

/// Makes the runner of this system, or, where nothing is real, one that only pretends: each run
/// exits at once with 0. Implemented once per system in platform/*/runner_factory.cc. `diagnostics`
/// must outlive it.
std::unique_ptr<Runner> CreateRunner(bool simulated, Diagnostics& diagnostics);

}  // namespace broker
