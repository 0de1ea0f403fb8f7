#include "action/runner.h"
#include "platform/linux/program_runner.h"
#include "platform/simulated/simulated_runner.h"

namespace broker {

std::unique_ptr<Runner> CreateRunner(bool simulated, Diagnostics& diagnostics) {
  if (simulated) return std::make_unique<SimulatedRunner>();
  return std::make_unique<ProgramRunner>(diagnostics);
}

}  // namespace broker
