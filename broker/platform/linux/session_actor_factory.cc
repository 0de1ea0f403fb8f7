#include "platform/linux/logind_actor.h"
#include "platform/simulated/simulated_actor.h"

namespace broker {

std::unique_ptr<SessionActor> CreateSessionActor(bool simulated, Diagnostics& diagnostics) {
  if (simulated) return std::make_unique<SimulatedActor>();
  return std::make_unique<LogindActor>(diagnostics);
}

}  // namespace broker
