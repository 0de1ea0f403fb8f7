#include "conditions.h"

namespace agents {
namespace {

using usher::Locked;

/// The agent's session lives; is this the time?
Judgement JudgeMoment(const Conditions& conditions, const Session& session, bool is_screen) {
  const Locked locked = session.locked == Locked::kUnknown
                            ? conditions.unknown_lock.value_or(Locked::kUnknown)
                            : session.locked;
  if (conditions.until_disconnected && !session.active) {
    return {Verdict::kNo, "its session is disconnected"};
  }
  if (conditions.until_locked && locked == Locked::kYes) {
    return {Verdict::kNo, "its session is locked"};
  }
  if (conditions.until_locked && locked == Locked::kUnknown) {
    return {Verdict::kAsBefore, "nobody knows whether its session is locked"};
  }
  const bool starts = is_screen || conditions.logon || (conditions.connected && session.active) ||
                      (conditions.unlocked && locked == Locked::kNo);
  if (starts) return {Verdict::kYes, ""};
  return {Verdict::kAsBefore, conditions.unlocked ? "it waits until its session is unlocked"
                                                  : "it waits until its session is connected"};
}

}  // namespace

Judgement Judge(const Agent& agent, const Session& session, bool seat_is_taken) {
  const Conditions& conditions = agent.conditions;
  const bool of_users = conditions.logon || conditions.connected || conditions.unlocked;
  const bool is_screen = conditions.logon_screen && session.IsLogonScreen();
  const bool opens =
      of_users && session.IsUsers() && session.state == usher::SessionState::kOpening && !is_screen;
  if (opens) return {Verdict::kNo, "it waits for the logon"};
  if (!is_screen && !(of_users && session.IsLoggedOn())) return {};
  if (is_screen && seat_is_taken) return {Verdict::kNo, "somebody is logged on at its seat"};
  if (agent.scope == Scope::kConsole && !session.IsInFront()) {
    return {Verdict::kNo, "its session is not on the console"};
  }
  return JudgeMoment(conditions, session, is_screen);
}

}  // namespace agents
