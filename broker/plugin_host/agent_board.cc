#include "plugin_host/agent_board.h"

#include <array>

#include "event/names.h"
#include "usher/ext/launch.h"

namespace broker {
namespace {

static_assert(static_cast<int32_t>(AgentState::kGone) == USHER_AGENT_GONE);

constexpr std::array<std::string_view, 8> kStates{"waiting",     "launching", "running", "stopping",
                                                  "backing off", "gave up",   "stopped", "gone"};

}  // namespace

std::string_view Name(AgentState state) {
  return NameIn(kStates, state);
}

bool AgentBoard::Put(AgentStatus status) {
  const MutexLock lock(mutex_);
  auto& agents = agents_[status.instance];
  const Key key{status.agent, status.session};
  const auto known = agents.find(key);
  const bool changed = known == agents.end() || known->second.state != status.state;
  if (status.state == AgentState::kGone) {
    agents.erase(key);
  } else {
    agents.insert_or_assign(key, std::move(status));
  }
  return changed;
}

void AgentBoard::Forget(const std::string& instance) {
  const MutexLock lock(mutex_);
  agents_.erase(instance);
}

std::vector<AgentStatus> AgentBoard::List() const {
  const MutexLock lock(mutex_);
  std::vector<AgentStatus> all;
  for (const auto& [instance, agents] : agents_) {
    for (const auto& [key, status] : agents) all.push_back(status);
  }
  return all;
}

}  // namespace broker
