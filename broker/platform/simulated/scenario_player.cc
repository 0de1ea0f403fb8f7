#include "platform/simulated/scenario_player.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

/// What a verb does to a session; null for those that do not concern one.
using SessionAction = Status (SimulatedDesktop::*)(std::string_view id);

SessionAction ActionOf(ScenarioVerb verb) {
  switch (verb) {
    case ScenarioVerb::kLogoff:
      return &SimulatedDesktop::Logoff;
    case ScenarioVerb::kLeaveProcesses:
      return &SimulatedDesktop::LeaveProcesses;
    case ScenarioVerb::kLock:
      return &SimulatedDesktop::Lock;
    case ScenarioVerb::kUnlock:
      return &SimulatedDesktop::Unlock;
    case ScenarioVerb::kRequestLock:
      return &SimulatedDesktop::RequestLock;
    case ScenarioVerb::kRequestUnlock:
      return &SimulatedDesktop::RequestUnlock;
    case ScenarioVerb::kSwitchTo:
      return &SimulatedDesktop::SwitchTo;
    case ScenarioVerb::kDisconnect:
      return &SimulatedDesktop::DisconnectRemote;
    case ScenarioVerb::kReconnect:
      return &SimulatedDesktop::ReconnectRemote;
    default:
      return nullptr;
  }
}

Status NoSession(const std::string& name) {
  return {StatusCode::kNotFound, "there is no session named \"" + name + "\" now"};
}

bool LogsOn(ScenarioVerb verb) {
  return verb == ScenarioVerb::kLogon || verb == ScenarioVerb::kRemoteLogon ||
         verb == ScenarioVerb::kLogonScreen;
}

}  // namespace

Status ScenarioPlayer::Play(const ScenarioStep& step) {
  if (IsSaidOnly(step.verb)) return ToScript(step);
  desktop_.GetClock().AdvanceTo(step.at_us);
  if (LogsOn(step.verb)) return LogOn(step);
  const bool one = ActionOf(step.verb) != nullptr || step.verb == ScenarioVerb::kTakeOver ||
                   step.verb == ScenarioVerb::kLogonThere;
  return one ? ToSession(step) : ToMachine(step);
}

Status ScenarioPlayer::LogOn(const ScenarioStep& step) {
  if (ids_.contains(step.session)) {
    return {StatusCode::kExists, "there is a session named \"" + step.session +
                                     "\" already; give this one a name of its own with session"};
  }
  Result<std::string> id = step.verb == ScenarioVerb::kLogonScreen
                               ? desktop_.ShowLogonScreen(step.seat)
                               : desktop_.Logon(step.logon);
  if (!id.ok()) return id.status();
  ids_.emplace(step.session, std::move(id).value());
  return {};
}

Status ScenarioPlayer::ToSession(const ScenarioStep& step) {
  const auto named = ids_.find(step.session);
  if (named == ids_.end()) {
    return NoSession(step.session);
  }
  if (step.verb == ScenarioVerb::kTakeOver) {
    return desktop_.TakeOver(named->second, step.logon.remote_host);
  }
  if (step.verb == ScenarioVerb::kLogonThere) {
    return desktop_.LogOnThere(named->second, step.logon.user, step.logon.user_id);
  }
  Status done = (desktop_.*ActionOf(step.verb))(named->second);
  if (done.ok() && step.verb == ScenarioVerb::kLogoff) ids_.erase(named);
  return done;
}

Status ScenarioPlayer::ToMachine(const ScenarioStep& step) {
  switch (step.verb) {
    case ScenarioVerb::kSwitchAway:
      return desktop_.SwitchAway(step.seat);
    case ScenarioVerb::kSuspend:
      return desktop_.Suspend();
    case ScenarioVerb::kResume:
      return desktop_.Resume();
    case ScenarioVerb::kShutDown:
      return desktop_.ShutDown(step.reason);
    case ScenarioVerb::kLose:
      return desktop_.LoseReporter(step.reason);
    case ScenarioVerb::kRecover:
      return desktop_.RecoverReporter(step.reason, step.forgetful);
    default:
      return {StatusCode::kInternal, "a step with a verb that nobody plays"};
  }
}

/// Said before it is so late that somebody could ask for it.
Status ScenarioPlayer::ToScript(const ScenarioStep& step) {
  const Timestamp now = desktop_.GetClock().Now();
  const int64_t at_us = now.monotonic_us + std::max<int64_t>(step.at_us - now.realtime_us, 0);
  std::string key;
  if (!step.session.empty()) {
    const auto named = ids_.find(step.session);
    if (named == ids_.end()) return NoSession(step.session);
    key = desktop_.KeyOf(named->second);
  }
  const auto add = [&](auto rule, auto* script) {
    rule.at_us = at_us;
    rule.session = key;
    if (script != nullptr) script->Add(std::move(rule));
  };
  if (IsAboutAgents(step.verb)) {
    add(step.agent, agents_);
  } else {
    add(step.run, runs_);
  }
  desktop_.GetClock().AdvanceTo(step.at_us);
  return {};
}

}  // namespace broker
