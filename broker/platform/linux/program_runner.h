#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "action/runner.h"
#include "event/mutex.h"
#include "platform/linux/launched_program.h"
#include "platform/linux/run_io.h"
#include "platform/linux/unique_fd.h"
#include "platform/linux/unit_manager.h"

namespace broker {

/// Runs programs: as transient units of systemd's where that is there, else by fork. A thread of
/// its own looks whether they are trusted, starts them, reads what they write, and ends them.
class ProgramRunner final : public Runner {
 public:
  /// `diagnostics` must outlive this.
  explicit ProgramRunner(Diagnostics& diagnostics);
  ~ProgramRunner() override;
  ProgramRunner(const ProgramRunner&) = delete;
  ProgramRunner& operator=(const ProgramRunner&) = delete;

  RunId Start(RunOrder order, std::shared_ptr<RunListener> listener) override;
  void Cancel(RunId run) noexcept override;

 private:
  struct Wanted {
    RunId id = 0;
    RunOrder order;
    std::shared_ptr<RunListener> listener;
  };
  struct Running {
    std::shared_ptr<RunListener> listener;
    RunIo io;
    std::unique_ptr<LaunchedProgram> program;
    Condition::TimePoint begun;
    bool told = false;  ///< That it has started.
  };

  void Run() noexcept;
  void Turn();
  void TakeWishes();
  void Begin(Wanted wanted);
  std::unique_ptr<LaunchedProgram> Launch(const RunOrder& order, RunIo& io, RunEnd& failure);
  void Wait();
  void Look();
  [[nodiscard]] bool LookAt(RunId id, Running& running);
  void End();
  void Wake() noexcept;

  Diagnostics& diagnostics_;
  const UniqueFd wake_;
  std::atomic<RunId> last_ = 0;
  std::atomic<bool> stopping_ = false;

  // The thread's.
  UnitManager units_;
  std::map<RunId, Running> running_;  ///< Before units_ is gone.

  Mutex mutex_;
  std::vector<Wanted> wanted_ USHER_GUARDED_BY(mutex_);
  std::vector<RunId> cancelled_ USHER_GUARDED_BY(mutex_);

  std::thread thread_;
};

}  // namespace broker
