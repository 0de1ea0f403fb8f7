#include "platform/simulated/agent_script.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

bool IsAbout(const AgentRule& rule, const LaunchOrder& order) {
  return (rule.agent.empty() || rule.agent == order.agent) &&
         (rule.session.empty() || rule.session == order.session->Key()) &&
         (rule.user.empty() || rule.user == order.session->User());
}

bool IsInForce(const AgentRule& rule, int64_t now_us) {
  if (rule.at_us > now_us) return false;
  return rule.lasting_us == 0 ? rule.times > 0 : now_us < rule.at_us + rule.lasting_us;
}

}  // namespace

void AgentScript::Add(AgentRule rule) {
  const MutexLock lock(mutex_);
  rules_.push_back(std::move(rule));
}

std::optional<AgentRule> AgentScript::Take(AgentTwist twist, const LaunchOrder& order,
                                           int64_t now_us) {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const AgentRule& rule) {
    return rule.twist == twist && IsInForce(rule, now_us) && IsAbout(rule, order);
  });
  if (found == rules_.end()) return std::nullopt;
  if (found->lasting_us == 0) --found->times;
  return *found;
}

std::optional<AgentRule> AgentScript::ExitOf(const LaunchOrder& order, int64_t started_us) const {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const AgentRule& rule) {
    return rule.twist == AgentTwist::kExits && rule.at_us > started_us && IsAbout(rule, order);
  });
  if (found == rules_.end()) return std::nullopt;
  return *found;
}

}  // namespace broker
