#include "plugin_host/host_services/left_launches.h"

#include <utility>

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

void LeftLaunches::Release(const PluginLaunches::Left& left) {
  for (const auto& [id, agent] : left.agents) launcher_->Release(id);
}

}  // namespace broker
