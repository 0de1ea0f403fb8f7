#include "platform/simulated/scripted_launcher.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace broker {
namespace {

using std::chrono::microseconds;

constexpr int64_t kFirstPid = 10'000;

/// Whether both are for one and the same agent.
bool IsSame(const LaunchOrder& a, const LaunchOrder& b) {
  if (a.instance != b.instance || a.agent != b.agent || a.scope != b.scope) return false;
  return a.scope == LaunchScope::kUser ? a.session->UserId() == b.session->UserId()
                                       : a.session->Key() == b.session->Key();
}

LaunchEnd EndOfGone() {
  return EndOfFailed(Explain(CodeSystem::kAny, LaunchStage::kSession, "", 0, "", SessionIs::kGone));
}

LaunchEnd EndBy(const AgentRule& rule, const LaunchOrder& order) {
  return EndOfFailed(Explain(rule.system, rule.stage, rule.call, rule.code,
                             "the scenario has it fail", HowIs(order.session.get())));
}

/// Of one that ran; for how long is still to be said.
LaunchEnd EndOfRun(const AgentRule& rule) {
  LaunchEnd end = EndOfAgent(rule.end, rule.code, {});
  end.system = rule.system;
  return end;
}

}  // namespace

void ScriptedLauncher::News::Tell() noexcept {
  if (listener == nullptr) return;
  if (end) {
    listener->Ended(launch, *std::move(end));
  } else {
    listener->Started(launch, start);
  }
}

ScriptedLauncher::ScriptedLauncher(const Clock& clock, World world)
    : clock_(clock), world_(std::move(world)) {}

LaunchId ScriptedLauncher::Start(LaunchOrder order, std::shared_ptr<LaunchListener> listener) {
  std::vector<News> news;
  LaunchId id = 0;
  {
    const MutexLock lock(mutex_);
    id = ++last_;
    const int64_t now_us = TimeOf(order.instance);
    auto same = FindSame(order);
    if (same != agents_.end()) Pass(same, now_us);
    same = FindSame(order);
    if (same != agents_.end()) {
      Agent taken = std::move(same->second);
      agents_.erase(same);
      taken.listener = listener;
      const LaunchStart start{taken.pid, true, microseconds(now_us - taken.start_us)};
      if (taken.started) news.push_back({std::move(listener), id, start, std::nullopt});
      agents_.emplace(id, std::move(taken));
    } else {
      Agent made = MakeAgent(std::move(order), now_us);
      made.listener = std::move(listener);
      made.pid = kFirstPid + static_cast<int64_t>(id);
      news = Pass(agents_.emplace(id, std::move(made)).first, now_us);
    }
  }
  for (News& each : news) each.Tell();
  return id;
}

void ScriptedLauncher::Stop(LaunchId launch) noexcept {
  std::vector<News> news;
  {
    const MutexLock lock(mutex_);
    const auto found = agents_.find(launch);
    if (found == agents_.end() || found->second.stop_us) return;
    Agent& agent = found->second;
    const int64_t now_us = TimeOf(agent.order.instance);
    const bool ignores = agent.started && world_.script != nullptr &&
                         world_.script->Take(AgentTwist::kIgnoresStop, agent.order, now_us);
    agent.stop_us = ignores ? now_us + agent.order.stop_time.count() : now_us;
    news = Pass(found, now_us);
  }
  for (News& each : news) each.Tell();
}

void ScriptedLauncher::Release(LaunchId launch) noexcept {
  const MutexLock lock(mutex_);
  const auto found = agents_.find(launch);
  if (found == agents_.end()) return;
  found->second.listener = nullptr;
  if (!found->second.order.keep) agents_.erase(found);
}

void ScriptedLauncher::ReleaseAll(const std::string& instance) noexcept {
  const MutexLock lock(mutex_);
  for (auto& [id, agent] : agents_) {
    if (agent.order.instance == instance) agent.listener = nullptr;
  }
  std::erase_if(agents_, [](const auto& each) {
    return each.second.listener == nullptr && !each.second.order.keep;
  });
}

void ScriptedLauncher::Settle(const std::string& instance) noexcept {
  const MutexLock lock(mutex_);
  std::erase_if(agents_, [&](const auto& each) {
    return each.second.listener == nullptr && each.second.order.instance == instance;
  });
}

std::optional<int64_t> ScriptedLauncher::Advance(const std::string& instance, int64_t until_us) {
  News news;
  {
    const MutexLock lock(mutex_);
    auto first = agents_.end();
    Step least{until_us, std::nullopt};
    for (auto at = agents_.begin(); at != agents_.end(); ++at) {
      if (at->second.order.instance != instance || at->second.listener == nullptr) continue;
      auto next = NextOf(at->second);
      if (!next || next->at_us > least.at_us) continue;
      if (first != agents_.end() && next->at_us == least.at_us) continue;
      first = at;
      least = *std::move(next);
    }
    int64_t& time_us = times_.try_emplace(instance, least.at_us).first->second;
    time_us = std::max(time_us, least.at_us);
    if (first == agents_.end()) return std::nullopt;
    until_us = least.at_us;
    news = Take(first, std::move(least));
  }
  news.Tell();
  return until_us;
}

int64_t& ScriptedLauncher::TimeOf(const std::string& instance) {
  const auto found = times_.find(instance);
  if (found != times_.end()) return found->second;
  return times_.emplace(instance, clock_.Now().monotonic_us).first->second;
}

/// One that nobody is interested in any more.
ScriptedLauncher::Agents::iterator ScriptedLauncher::FindSame(const LaunchOrder& order) {
  return std::find_if(agents_.begin(), agents_.end(), [&](const auto& each) {
    return each.second.listener == nullptr && IsSame(each.second.order, order);
  });
}

ScriptedLauncher::Agent ScriptedLauncher::MakeAgent(LaunchOrder order, int64_t now_us) {
  Agent agent;
  agent.asked_us = now_us;
  agent.start_us = now_us;
  if (world_.script != nullptr) {
    if (const auto late = world_.script->Take(AgentTwist::kStartsLate, order, now_us)) {
      agent.start_us += late->time_us;
    }
    agent.failure = world_.script->Take(AgentTwist::kFails, order, now_us);
    if (!agent.failure) agent.run = world_.script->Take(AgentTwist::kRuns, order, now_us);
  }
  agent.order = std::move(order);
  return agent;
}

std::optional<int64_t> ScriptedLauncher::SessionEnd(const Agent& agent) const {
  if (world_.desktop == nullptr) return std::nullopt;
  const Session& session = *agent.order.session;
  return agent.order.scope == LaunchScope::kUser
             ? world_.desktop->EndOfUser(session, agent.asked_us)
             : world_.desktop->EndOf(session);
}

ScriptedLauncher::Step ScriptedLauncher::StartOf(const Agent& agent) const {
  if (agent.stop_us) return {*agent.stop_us, EndOfAgent(LaunchEndKind::kStopped, 0, {})};
  const auto gone_us = SessionEnd(agent);
  if (gone_us && *gone_us <= agent.start_us) {
    return {std::max(*gone_us, agent.asked_us), EndOfGone()};
  }
  if (agent.failure) return {agent.start_us, EndBy(*agent.failure, agent.order)};
  return {agent.start_us, std::nullopt};
}

std::optional<ScriptedLauncher::Step> ScriptedLauncher::EndOf(const Agent& agent) const {
  std::optional<Step> first;
  const auto consider = [&](int64_t at_us, LaunchEnd end) {
    if (first && first->at_us <= at_us) return;
    end.duration = microseconds(at_us - agent.start_us);
    first = Step{at_us, std::move(end)};
  };
  if (agent.run) consider(agent.start_us + agent.run->time_us, EndOfRun(*agent.run));
  if (world_.script != nullptr) {
    const auto exit = world_.script->ExitOf(agent.order, agent.start_us);
    if (exit) consider(exit->at_us, EndOfRun(*exit));
  }
  const LaunchEnd stopped = EndOfAgent(LaunchEndKind::kStopped, 0, {});
  if (agent.stop_us) consider(*agent.stop_us, stopped);
  if (const auto gone_us = SessionEnd(agent)) {
    consider(std::max(*gone_us + kStopDelayUs, agent.start_us), stopped);
  }
  return first;
}

std::optional<ScriptedLauncher::Step> ScriptedLauncher::NextOf(const Agent& agent) const {
  return agent.started ? EndOf(agent) : StartOf(agent);
}

ScriptedLauncher::News ScriptedLauncher::Take(Agents::iterator at, Step step) {
  Agent& agent = at->second;
  News news{agent.listener, at->first, {}, std::move(step.end)};
  if (news.end) {
    agents_.erase(at);
    return news;
  }
  agent.started = true;
  news.start = {agent.pid, false, microseconds(agent.start_us - agent.asked_us)};
  return news;
}

std::vector<ScriptedLauncher::News> ScriptedLauncher::Pass(Agents::iterator at, int64_t until_us) {
  std::vector<News> news;
  for (auto next = NextOf(at->second); next && next->at_us <= until_us;) {
    news.push_back(Take(at, *std::move(next)));
    if (news.back().end) return news;
    next = NextOf(at->second);
  }
  return news;
}

}  // namespace broker
