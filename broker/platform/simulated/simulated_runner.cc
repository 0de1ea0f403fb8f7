#include "platform/simulated/simulated_runner.h"

#include <utility>

namespace broker {

RunId SimulatedRunner::Start(RunOrder order, std::shared_ptr<RunListener> listener) {
  const RunId run = ++last_;
  RunEnd end = script_ == nullptr ? EndOfProgram(RunEndKind::kExited, 0) : script_->EndOf(order);
  if (end.output.size() > order.output_limit) {
    end.dropped = end.output.size() - order.output_limit;
    end.output.resize(order.output_limit);
  }
  if (end.kind == RunEndKind::kTimedOut) end.duration = order.time_limit;
  if (end.kind != RunEndKind::kNotStarted) listener->Started(run, 0);
  listener->Ended(run, std::move(end));
  return run;
}

void SimulatedRunner::Cancel(RunId /*run*/) noexcept {}

}  // namespace broker
