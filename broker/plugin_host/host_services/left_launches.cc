#include "plugin_host/host_services/left_launches.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "plugin_host/launch_calls.h"

namespace broker {

LeftLaunches::~LeftLaunches() {
  const MutexLock lock(mutex_);
  for (const auto& [instance, left] : left_) Release(left);
}

void LeftLaunches::Put(const std::string& instance, PluginLaunches::Left left) {
  const MutexLock lock(mutex_);
  Release(std::exchange(left_[instance], std::move(left)));
}

std::optional<PluginLaunches::Left> LeftLaunches::Take(const std::string& instance) {
  const MutexLock lock(mutex_);
  auto found = left_.extract(instance);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped());
}

void LeftLaunches::End(const std::string& instance) {
  if (launcher_ == nullptr) return;
  if (auto left = Take(instance)) {
    for (const auto& [id, agent] : left->agents) {
      if (!agent.stopping) launcher_->Stop(id);
    }
    left->ForwardTo([&announcer = announcer_, &clock = clock_, instance,
                     plugin = left->plugin](PluginLaunches::News news) {
      if (news.end) ExplainEarlyExit(*news.end, SessionIs::kAnyhow);
      Event event = EventOf(news, {instance, plugin}, clock.Now());
      if (event.chain <= kMaxChain) announcer.Announce(std::move(event));
    });
  }
  launcher_->Settle(instance);
  // In a simulation: nobody is there any more for whom time goes on.
  while (launcher_->Advance(instance, std::numeric_limits<int64_t>::max())) {
  }
}

void LeftLaunches::Release(const PluginLaunches::Left& left) {
  for (const auto& [id, agent] : left.agents) launcher_->Release(id);
}

}  // namespace broker
