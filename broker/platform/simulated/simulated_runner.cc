#include "platform/simulated/simulated_runner.h"

namespace broker {

RunId SimulatedRunner::Start(RunOrder /*order*/, std::shared_ptr<RunListener> listener) {
  const RunId run = ++last_;
  listener->Started(run, 0);
  listener->Ended(run, EndOfProgram(RunEndKind::kExited, 0));
  return run;
}

void SimulatedRunner::Cancel(RunId /*run*/) noexcept {}

}  // namespace broker
