#pragma once

#include <atomic>
#include <memory>

#include "action/runner.h"

namespace broker {

/// The runner of a desktop that is not real: runs nothing. Every run exits at once, with 0 and
/// without output.
class SimulatedRunner final : public Runner {
 public:
  RunId Start(RunOrder order, std::shared_ptr<RunListener> listener) override;
  void Cancel(RunId run) noexcept override;

 private:
  std::atomic<RunId> last_ = 0;
};

}  // namespace broker
