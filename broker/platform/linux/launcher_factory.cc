#include "action/launcher.h"
#include "platform/linux/agent_launcher.h"
#include "platform/simulated/scripted_launcher.h"

namespace broker {

std::unique_ptr<Launcher> CreateLauncher(bool simulated, const LauncherContext& context) {
  if (simulated) return std::make_unique<ScriptedLauncher>(context.clock);
  return std::make_unique<AgentLauncher>(context);
}

}  // namespace broker
