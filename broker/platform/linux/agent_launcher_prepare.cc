#include <pwd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>

#include "action/program_trust.h"
#include "platform/linux/agent_launcher.h"
#include "platform/linux/readiness.h"
#include "platform/linux/session_user.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstDelay{50};
constexpr milliseconds kLongestDelay{1000};

/// Where the user's service manager knows it, nobody need be asked who might not answer.
std::string HomeOf(uid_t user, const Environment& known) {
  const std::string_view home = ValueIn(known, "HOME");
  if (!home.empty()) return std::string(home);
  std::array<char, 16384> buffer{};
  passwd entry = {};
  passwd* found = nullptr;
  ::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? "" : found->pw_dir;
}

LaunchFailure NotRunnable(const Status& why) {
  const bool missing = why.code() == StatusCode::kNotFound || why.code() == StatusCode::kCorrupt;
  if (!missing && why.code() != StatusCode::kInvalid) {
    const int32_t code = why.code() == StatusCode::kPermission ? kNotPermittedCode : kIoCode;
    return Refusal(LaunchStage::kPolicy, "CheckProgram", code, why.message());
  }
  LaunchFailure failure =
      Explain(CodeSystem::kLinux, LaunchStage::kSpawn, "execve", missing ? ENOENT : EACCES, "");
  failure.meaning = why.message();
  return failure;
}

}  // namespace

/// All that must be so before it can be started; where something is not so yet, this comes again.
void AgentLauncher::Prepare(Agent& agent) {
  if (steady_clock::now() < agent.look_at || (agent.user && !agent.user->known)) return;
  const Result<LoginRecord> record = ReadLoginRecord(folders_.sessions, *agent.order.session);
  if (!record.ok()) {
    return Fail(agent, LaunchStage::kSession, "ReadLoginRecord", ENXIO, record.status().message());
  }
  const Status runnable = CheckProgram(agent.order.program);
  if (!runnable.ok()) {
    agent.failed = NotRunnable(runnable);
    return;
  }
  PrepareEnvironment(agent, record.value());
}

/// Its user's variables, its readiness, then its start.
void AgentLauncher::PrepareEnvironment(Agent& agent, const LoginRecord& record) {
  const LaunchOrder& order = agent.order;
  const std::optional<uid_t> user = UserNumberOf(*order.session);
  if (!user) return Fail(agent, LaunchStage::kToken, "getpwuid", 0, "its user has no id");
  if (agent.user == nullptr && (order.token != TokenKind::kSystem || order.ready.display)) {
    agent.user = users_.Ask(*user);
    agent.manager = users_.Keep(*user);
  }
  if (agent.user != nullptr && !agent.user->known) return;
  const Environment variables = agent.user == nullptr ? Environment() : agent.user->variables;
  const Environment leader = ReadEnvironmentOf(record.leader);
  const std::string_view missing = WhatIsMissing(agent, *user, variables, leader);
  if (!missing.empty()) return WaitFor(agent, missing);
  if (agent.user != nullptr && !agent.user->status.ok()) {
    diagnostics_.Log(Severity::kWarning, "launcher",
                     agent.unit + " starts without it: " + agent.user->status.message());
  }
  const bool of_user = order.scope == LaunchScope::kUser;
  agent.body->Launch(order, {BuildAgentEnvironment(order, variables, leader),
                             of_user ? "user@" + std::to_string(*user) + ".service" : record.scope,
                             limits_memory_});
  agent.user = nullptr;
}

/// Whatever rights it gets: a display is the user's.
std::string_view AgentLauncher::WhatIsMissing(const Agent& agent, uid_t user,
                                              const Environment& variables,
                                              const Environment& leader) const {
  const Readiness& wanted = agent.order.ready;
  if (!wanted.WantsAnything()) return {};
  LaunchOrder of_user = agent.order;
  of_user.token = TokenKind::kUser;
  const Environment environment = BuildAgentEnvironment(of_user, variables, leader);
  const std::string home = wanted.profile ? HomeOf(user, variables) : "";
  return MissingOf(wanted, environment, folders_.users + "/" + std::to_string(user), home);
}

void AgentLauncher::WaitFor(Agent& agent, std::string_view missing) {
  const auto until = agent.asked_at + agent.order.ready.timeout;
  if (steady_clock::now() >= until) {
    return Fail(agent, LaunchStage::kEnvironment, missing, ETIMEDOUT, "it is not there in time");
  }
  agent.user = nullptr;  // To be asked again.
  agent.delay = std::clamp(agent.delay * 2, kFirstDelay, kLongestDelay);
  agent.look_at = std::min(steady_clock::now() + agent.delay, until);
}

}  // namespace broker
