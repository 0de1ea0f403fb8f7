#include "plugin_host/host_services/plugin_launches.h"

#include <algorithm>
#include <utility>

#include "plugin_host/host_services/left_launches.h"
#include "plugin_host/host_services/mailbox.h"

namespace broker {
namespace {

std::string OwnerOf(const LaunchOrder& order) {
  return std::string(order.scope == LaunchScope::kUser ? order.session->UserId()
                                                       : order.session->Key());
}

bool IsSame(const PluginLaunches::Agent& a, const PluginLaunches::Agent& b) {
  return a.name == b.name && a.owner == b.owner;
}

bool IsOfOtherScope(const PluginLaunches::Agent& a, const PluginLaunches::Agent& b) {
  return a.scope != b.scope && a.name == b.name && a.user == b.user;
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

  /// What it says of one of `agents`, if it is one of these, and notes it there.
  static std::optional<News> Read(Letter letter, Agents& agents) {
    const auto found = agents.find(letter.launch);
    if (found == agents.end()) return std::nullopt;  // Released meanwhile.
    if (!letter.end) found->second.start = letter.start;
    News news{found->second, std::move(letter.end)};
    if (news.end) agents.erase(found);
    return news;
  }

  Mailbox<Letter> letters;
};

void PluginLaunches::Left::ForwardTo(const std::function<void(News)>& tell) {
  inbox->letters.ForwardTo([rest = std::move(agents), tell](Inbox::Letter letter) mutable {
    if (auto news = Inbox::Read(std::move(letter), rest)) tell(*std::move(news));
  });
}

PluginLaunches::PluginLaunches(Launcher* launcher, std::string instance, std::string plugin,
                               LeftLaunches* left)
    : launcher_(launcher),
      instance_(std::move(instance)),
      plugin_(std::move(plugin)),
      left_(left),
      inbox_(std::make_shared<Inbox>()) {}

PluginLaunches::~PluginLaunches() {
  LeaveAll();
}

void PluginLaunches::WakeBy(const std::function<void()>& wake) {
  TakeLeft();
  inbox_->letters.WakeBy(wake);
  if (!left_agents_.empty()) wake();  // What came before nobody was woken for.
}

void PluginLaunches::TakeLeft() {
  if (left_ == nullptr) return;
  auto left = left_->Take(instance_);
  if (!left) return;
  inbox_ = std::move(left->inbox);
  left_agents_ = std::move(left->agents);
  for (auto& [id, agent] : left_agents_) agent.call.callback = nullptr;
  most_ = left_agents_.size();
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
              std::string(order.session->UserId()),
              order.scope,
              order.token,
              order.keep,
              false,
              std::nullopt};
  if (std::ranges::any_of(agents_, [&](const auto& each) { return IsSame(each.second, agent); })) {
    why = "the agent '" + agent.name + "' was started there already; stop it first";
    return USHER_INVALID_ARGUMENT;
  }
  ReleaseLeft(agent);
  launch = agent.id = launcher_->Start(std::move(order), inbox_);
  agents_.emplace(agent.id, std::move(agent));
  most_ = std::max(most_, agents_.size());
  return USHER_OK;
}

/// It is taken over then; one of another scope has to end.
void PluginLaunches::ReleaseLeft(const Agent& successor) {
  for (auto& [id, agent] : left_agents_) {
    if (IsOfOtherScope(agent, successor)) StopLeft(agent);
  }
  std::erase_if(left_agents_, [&](const auto& each) {
    const bool taken = IsSame(each.second, successor) && !each.second.stopping;
    if (taken) launcher_->Release(each.first);
    return taken;
  });
}

usher_status PluginLaunches::Stop(usher_launch launch) {
  const auto found = agents_.find(launch);
  if (found == agents_.end()) return USHER_NOT_FOUND;
  found->second.stopping = true;
  launcher_->Stop(launch);
  return USHER_OK;
}

void PluginLaunches::Settle() {
  for (auto& [id, agent] : left_agents_) StopLeft(agent);
  launcher_->Settle(instance_);
}

void PluginLaunches::StopLeft(Agent& agent) {
  if (!std::exchange(agent.stopping, true)) launcher_->Stop(agent.id);
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
    Agents& agents = agents_.contains(letter->launch) ? agents_ : left_agents_;
    if (auto news = Inbox::Read(*std::move(letter), agents)) return news;
  }
  return std::nullopt;
}

void PluginLaunches::LeaveAll() {
  inbox_->letters.WakeBy(nullptr);
  Agents agents = GatherAll();
  if (agents.empty() || abandoned_) return;
  if (left_ == nullptr) {
    for (const auto& [id, agent] : agents) launcher_->Release(id);
    return;
  }
  for (auto& [id, agent] : agents) {
    if (!agent.keep) StopLeft(agent);
  }
  // What comes into the old one is the successor's, as is who is woken by it.
  left_->Put(instance_,
             {plugin_, std::exchange(inbox_, std::make_shared<Inbox>()), std::move(agents)});
}

void PluginLaunches::Abandon() noexcept {
  abandoned_ = true;
  if (launcher_ != nullptr) launcher_->ReleaseAll(instance_);
}

PluginLaunches::Agents PluginLaunches::GatherAll() {
  Agents all = std::exchange(agents_, {});
  all.merge(std::exchange(left_agents_, {}));
  return all;
}

}  // namespace broker
