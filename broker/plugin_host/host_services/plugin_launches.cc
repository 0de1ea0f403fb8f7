#include "plugin_host/host_services/plugin_launches.h"

#include <algorithm>
#include <utility>

#include "plugin_host/host_services/mailbox.h"

namespace broker {
namespace {

std::string OwnerOf(const LaunchOrder& order) {
  return std::string(order.scope == LaunchScope::kUser ? order.session->UserId()
                                                       : order.session->Key());
}

}  // namespace

/// Where a launcher leaves what it has to say. Outlives the instance if it must.
class PluginLaunches::Inbox final : public LaunchListener {
 public:
  struct Letter {
    LaunchId launch = 0;
    LaunchStart start;
    std::optional<LaunchEnd> end;
  };

  void Started(LaunchId launch, LaunchStart start) noexcept override {
    letters.Put({launch, start, std::nullopt});
  }
  void Ended(LaunchId launch, LaunchEnd end) noexcept override {
    letters.Put({launch, {}, std::move(end)});
  }

  Mailbox<Letter> letters;
};

PluginLaunches::PluginLaunches(Launcher* launcher, std::string instance)
    : launcher_(launcher), instance_(std::move(instance)), inbox_(std::make_shared<Inbox>()) {}

PluginLaunches::~PluginLaunches() {
  ReleaseAll();
}

void PluginLaunches::WakeBy(std::function<void()> wake) {
  inbox_->letters.WakeBy(std::move(wake));
}

usher_status PluginLaunches::Start(LaunchOrder order, const Call& call, usher_launch& launch,
                                   std::string& why) {
  if (agents_.size() >= USHER_LAUNCH_MAX_LAUNCHES) {
    why = "there are " + std::to_string(USHER_LAUNCH_MAX_LAUNCHES) +
          " agents already, which is all an instance may have; stop one first";
    return USHER_LIMIT;
  }
  Agent agent{0,
              call,
              order.agent,
              std::string(order.session->Id()),
              order.program,
              OwnerOf(order),
              order.token,
              std::nullopt};
  const auto is_same = [&agent](const auto& each) {
    return each.second.name == agent.name && each.second.owner == agent.owner;
  };
  if (std::ranges::any_of(agents_, is_same)) {
    why = "the agent '" + agent.name + "' was started there already; stop it first";
    return USHER_INVALID_ARGUMENT;
  }
  launch = agent.id = launcher_->Start(std::move(order), inbox_);
  agents_.emplace(agent.id, std::move(agent));
  most_ = std::max(most_, agents_.size());
  return USHER_OK;
}

usher_status PluginLaunches::Stop(usher_launch launch) {
  if (!agents_.contains(launch)) return USHER_NOT_FOUND;
  launcher_->Stop(launch);
  return USHER_OK;
}

usher_status PluginLaunches::Release(usher_launch launch) {
  if (agents_.erase(launch) == 0) return USHER_NOT_FOUND;
  launcher_->Release(launch);
  return USHER_OK;
}

std::optional<int64_t> PluginLaunches::Advance(int64_t until_us) {
  if (launcher_ == nullptr) return std::nullopt;
  return launcher_->Advance(instance_, until_us);
}

std::optional<PluginLaunches::News> PluginLaunches::Take() {
  while (auto letter = inbox_->letters.Take()) {
    const auto found = agents_.find(letter->launch);
    if (found == agents_.end()) continue;  // Released meanwhile.
    if (!letter->end) found->second.start = letter->start;
    News news{found->second, std::move(letter->end)};
    if (news.end) agents_.erase(found);
    return news;
  }
  return std::nullopt;
}

void PluginLaunches::ReleaseAll() {
  inbox_->letters.WakeBy(nullptr);
  for (const auto& [id, agent] : std::exchange(agents_, {})) launcher_->Release(id);
}

}  // namespace broker
