#include "platform/linux/agent_launcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <exception>
#include <optional>
#include <utility>

#include "platform/linux/agent_unit.h"
#include "platform/linux/session_user.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLongestDelay{1000};
constexpr milliseconds kLastMoment{2000};
constexpr milliseconds kLastStep{5};

int MillisecondsUntil(Condition::TimePoint at) {
  if (at == Condition::TimePoint::max()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(at - steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT_MAX));
}

int Sooner(int a, int b) {
  if (a < 0) return b;
  return b < 0 ? a : std::min(a, b);
}

/// Whether they are one agent of one user's, but for their scopes.
bool IsOfOtherScope(const LaunchOrder& a, const LaunchOrder& b) {
  return a.scope != b.scope && a.agent == b.agent && a.instance == b.instance &&
         a.session->UserId() == b.session->UserId();
}

microseconds Since(Condition::TimePoint time) {
  return std::chrono::duration_cast<microseconds>(steady_clock::now() - time);
}

}  // namespace

AgentLauncher::AgentLauncher(const LauncherContext& context, LauncherFolders folders)
    : diagnostics_(context.diagnostics),
      folders_(std::move(folders)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      units_(context.diagnostics, *this),
      forked_(folders_.cgroups, *this),
      users_(folders_.users),
      thread_([this] { Run(); }) {}

AgentLauncher::~AgentLauncher() {
  stopping_ = true;
  eventfd_write(wake_.get(), 1);
  thread_.join();
}

LaunchId AgentLauncher::Start(LaunchOrder order, Listener listener) {
  const LaunchId id = ++last_;
  Post([this, id, order = std::move(order), listener = std::move(listener)] {
    Begin(id, order, listener);
  });
  return id;
}

void AgentLauncher::Stop(LaunchId launch) noexcept {
  Post([this, launch] {
    const auto found = agents_.find(launch);
    if (found != agents_.end()) Stop(found->second);
  });
}

void AgentLauncher::Release(LaunchId launch) noexcept {
  Post([this, launch] {
    const auto found = agents_.find(launch);
    if (found != agents_.end()) Release(found->second);
  });
}

void AgentLauncher::ReleaseAll(const std::string& instance) noexcept {
  Post([this, instance] {
    for (auto& [id, agent] : agents_) {
      if (agent.order.instance == instance) Release(agent);
    }
  });
}

void AgentLauncher::Settle(const std::string& instance) noexcept {
  Post([this, instance] { SettleAgents(instance); });
}

void AgentLauncher::Post(std::function<void()> wish) noexcept {
  {
    const MutexLock lock(mutex_);
    wishes_.push_back(std::move(wish));
  }
  eventfd_write(wake_.get(), 1);
}

void AgentLauncher::Run() noexcept {
  while (!stopping_) {
    try {
      Turn();
    } catch (const std::exception& error) {
      diagnostics_.Log(Severity::kError, "launcher",
                       std::string("running agents failed: ") + error.what());
    }
  }
  End();
}

void AgentLauncher::Turn() {
  ExpectSuccessors();
  TakeWishes();
  units_.Process();
  users_.Process();
  Look();
  Wait();
}

void AgentLauncher::TakeWishes() {
  std::vector<std::function<void()>> wishes;
  {
    const MutexLock lock(mutex_);
    wishes.swap(wishes_);
  }
  for (const auto& wish : wishes) wish();
}

void AgentLauncher::Begin(LaunchId id, LaunchOrder order, Listener listener) {
  const std::string unit = UnitOfAgent(order);
  if (TakeOver(id, unit, listener)) return;
  EndOfOtherScope(order);
  Agent agent;
  agent.order = std::move(order);
  agent.listener = std::move(listener);
  agent.asked_at = steady_clock::now();
  agent.unit = unit;
  if (!IsHeld(agent)) agent.body = Find(agent);
  agents_.emplace(id, std::move(agent));
}

/// One that nobody is interested in any more, and that goes on, is the new one's.
bool AgentLauncher::TakeOver(LaunchId id, const std::string& unit, Listener listener) {
  const auto found = std::ranges::find_if(agents_, [&](const auto& one) {
    const Agent& agent = one.second;
    return agent.unit == unit && agent.listener == nullptr && !agent.stopping && !agent.failed;
  });
  if (found == agents_.end()) return false;
  auto node = agents_.extract(found);
  node.key() = id;
  node.mapped().listener = std::move(listener);
  node.mapped().taken_over = std::exchange(node.mapped().told_pid, {}).has_value();
  agents_.insert(std::move(node));
  return true;
}

/// Its scope was the other one when a broker before this one started it, or its instance before
/// this one: then it has a unit of another name, which has to end first.
void AgentLauncher::EndOfOtherScope(const LaunchOrder& order) {
  LaunchOrder other = order;
  other.others.clear();
  other.scope = order.scope == LaunchScope::kUser ? LaunchScope::kSession : LaunchScope::kUser;
  EndUnasked(other);
  for (const SessionRef& session : order.others) {
    other.session = session;
    EndUnasked(other);
  }
}

/// Ends what there is of this order, unless somebody is interested in it.
void AgentLauncher::EndUnasked(LaunchOrder order) {
  Agent other;
  other.unit = UnitOfAgent(order);
  other.order = std::move(order);
  const auto known = std::ranges::find(
      agents_, other.unit, [](const auto& one) -> auto& { return one.second.unit; });
  if (known != agents_.end()) {
    if (known->second.listener == nullptr) Stop(known->second);
    return;
  }
  other.body = Find(other);
  Stop(other);
  agents_.emplace(++unasked_, std::move(other));
}

/// Whether another one has to end before this one may begin.
bool AgentLauncher::IsHeld(const Agent& agent) const {
  return std::ranges::any_of(agents_, [&](const auto& one) {
    const Agent& other = one.second;
    if (other.body == nullptr) return false;
    return other.unit == agent.unit || (other.stopping && IsOfOtherScope(other.order, agent.order));
  });
}

/// Whether there is one of this unit that has not ended yet.
bool AgentLauncher::IsAtWork(const std::string& unit) const {
  return std::ranges::any_of(
      agents_, [&](const auto& one) { return one.second.body && one.second.unit == unit; });
}

void AgentLauncher::Release(Agent& agent) {
  agent.listener = nullptr;
  if (!agent.order.keep) Stop(agent);
}

void AgentLauncher::Stop(Agent& agent) {
  agent.stopping = true;
  if (agent.body) agent.body->Stop();
}

bool AgentLauncher::Has(std::string_view unit) const {
  return std::ranges::any_of(agents_, [&](const auto& one) { return one.second.unit == unit; });
}

std::unique_ptr<SystemAgent> AgentLauncher::Find(const Agent& agent) {
  if (has_systemd_) return units_.Find(agent.unit);
  const bool of_system = agent.order.token == TokenKind::kSystem;
  return forked_.Find(agent.unit,
                      of_system ? ::geteuid() : UserNumberOf(*agent.order.session).value_or(0));
}

void AgentLauncher::SettleAgents(const std::string& instance) {
  for (auto& [id, agent] : agents_) {
    if (agent.order.instance == instance && agent.listener == nullptr) Stop(agent);
  }
  if (has_systemd_) return units_.Settle(instance);
  for (auto& [unit, body] : forked_.TakeRest(instance)) {
    Agent& agent = agents_[++unasked_];
    agent.unit = unit;
    agent.body = std::move(body);
    agent.told_pid = agent.body->Begun()->pid;
    Stop(agent);
  }
}

void AgentLauncher::Look() {
  for (bool again = true; std::exchange(again, false);) {
    for (auto at = agents_.begin(); at != agents_.end();) {
      const bool ended = LookAt(at->first, at->second);
      again = again || ended;  // Another one may wait for its unit.
      at = ended ? agents_.erase(at) : std::next(at);
    }
  }
}

/// Whether it has ended.
bool AgentLauncher::LookAt(LaunchId id, Agent& agent) {
  if (agent.body == nullptr && !agent.stopping && IsHeld(agent)) return false;
  // Also one that is not wanted any more: it may run since before this broker.
  if (agent.body == nullptr && !IsAtWork(agent.unit)) {
    agent.body = Find(agent);
    if (agent.stopping) agent.body->Stop();
  }
  if (agent.body) {
    agent.body->Look();
    if (!has_systemd_ && agent.told_pid) LookForSession(agent);
    if (agent.body->WantsLaunch() && !agent.failed) Prepare(agent);
    const auto& begun = agent.body->Begun();
    if (begun && begun->pid != agent.told_pid && !agent.failed) TellStart(id, agent);
  }
  const bool failed = agent.failed && !(agent.body && agent.body->Begun());
  if (agent.body && !agent.body->End() && !failed) return false;
  TellEnd(id, agent);
  return true;
}

/// Nobody else ends with its session what was forked.
void AgentLauncher::LookForSession(Agent& agent) {
  const auto now = steady_clock::now();
  if (agent.stopping || agent.order.scope == LaunchScope::kUser || now < agent.look_at) return;
  agent.look_at = now + kLongestDelay;
  if (!IsSessionThere(agent)) Stop(agent);
}

bool AgentLauncher::IsSessionThere(const Agent& agent) const {
  return ReadLoginRecord(folders_.sessions, *agent.order.session).ok();
}

void AgentLauncher::Fail(Agent& agent, LaunchStage stage, std::string_view call, int32_t code,
                         std::string_view why) {
  const SessionIs session = IsSessionThere(agent) ? SessionIs::kAnyhow : SessionIs::kGone;
  agent.failed = Explain(CodeSystem::kLinux, stage, call, code, why, session);
}

/// Its session may have ended, or its id be another's, while it was on its way.
void AgentLauncher::TellStart(LaunchId id, Agent& agent) {
  LaunchStart start = *agent.body->Begun();
  if (std::exchange(agent.taken_over, false)) {
    start.adopted = true;
    start.duration = Since(agent.begun_at);
  } else if (start.adopted) {
    agent.begun_at = steady_clock::now() - start.duration;
  } else if (IsSessionThere(agent)) {
    agent.begun_at = steady_clock::now();
    start.duration = Since(agent.asked_at);
  } else {
    Fail(agent, LaunchStage::kSession, "ReadLoginRecord", ENXIO, "");
    return Stop(agent);
  }
  agent.told_pid = start.pid;
  const std::optional<uid_t> user = UserNumberOf(*agent.order.session);
  if (user && agent.order.token != TokenKind::kSystem) {
    exits_.Add(start.pid, *user);
    agent.manager = users_.Keep(*user);
  }
  if (agent.listener) agent.listener->Started(id, start);
}

void AgentLauncher::TellEnd(LaunchId id, Agent& agent) {
  LaunchEnd end = EndOfAgent(LaunchEndKind::kStopped, 0, microseconds(0));
  if (agent.body && agent.body->End()) end = *agent.body->End();
  if (end.kind == LaunchEndKind::kFailed) {
    const LaunchFailure& why = end.failure;
    if (!IsSessionThere(agent)) Fail(agent, why.stage, why.call, why.code, why.meaning);
  }
  if (agent.failed) end = EndOfFailed(*agent.failed);
  if (agent.told_pid) end.duration = Since(agent.begun_at);
  if (agent.listener) agent.listener->Ended(id, std::move(end));
}

/// Until the next one is asked for, its user's manager has said what that will need.
void AgentLauncher::ExpectSuccessors() {
  for (const uid_t user : exits_.TakeEnded()) users_.AskAhead(user);
}

void AgentLauncher::Wait() {
  const PollWish units = units_.Wish();
  std::vector<pollfd> polled{
      {wake_.get(), POLLIN, 0}, {units.fd, units.events, 0}, {exits_.Fd(), POLLIN, 0}};
  int timeout = units.timeout_ms;
  for (const PollWish& wish : users_.Wishes()) {
    polled.push_back({wish.fd, wish.events, 0});
    timeout = Sooner(timeout, wish.timeout_ms);
  }
  auto look_at = Condition::TimePoint::max();
  for (const auto& [id, agent] : agents_) {
    if (agent.body == nullptr) continue;
    for (const int fd : agent.body->Fds()) polled.push_back({fd, POLLIN, 0});
    look_at = std::min(look_at, agent.body->LookAt());
    const bool watched = !has_systemd_ && !agent.stopping;
    if ((agent.body->WantsLaunch() && agent.user == nullptr) || watched) {
      look_at = std::min(look_at, agent.look_at);
    }
  }
  ::poll(polled.data(), polled.size(), Sooner(timeout, MillisecondsUntil(look_at)));
  eventfd_t ignored = 0;
  if (polled.front().revents != 0) eventfd_read(wake_.get(), &ignored);
}

/// Who was asked to run something is gone by now; what is not to be kept is ended.
void AgentLauncher::End() {
  for (auto& [id, agent] : agents_) {
    if (!agent.order.keep) Stop(agent);
  }
  units_.Flush();
  GiveAMoment();
  agents_.clear();
}

/// Those that nobody else ends for us.
void AgentLauncher::GiveAMoment() {
  if (has_systemd_) return;
  const auto until = steady_clock::now() + kLastMoment;
  const auto is_ending = [](auto& one) {
    Agent& agent = one.second;
    if (!agent.stopping || agent.body == nullptr) return false;
    agent.body->Look();
    return !agent.body->End();
  };
  while (steady_clock::now() < until && std::ranges::any_of(agents_, is_ending)) {
    std::this_thread::sleep_for(kLastStep);
  }
}

}  // namespace broker
