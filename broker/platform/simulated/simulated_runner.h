#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "action/runner.h"
#include "platform/simulated/run_script.h"

namespace broker {

/// The runner of a desktop that is not real: runs nothing. Every run ends at once, as a scenario
/// says, else with 0 and without output.
class SimulatedRunner final : public Runner {
 public:
  /// `script` may be null: then nothing is said of runs.
  explicit SimulatedRunner(std::shared_ptr<RunScript> script = nullptr)
      : script_(std::move(script)) {}

  RunId Start(RunOrder order, std::shared_ptr<RunListener> listener) override;
  void Cancel(RunId run) noexcept override;

 private:
  const std::shared_ptr<RunScript> script_;
  std::atomic<RunId> last_ = 0;
};

}  // namespace broker
