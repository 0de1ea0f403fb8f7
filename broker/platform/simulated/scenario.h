#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/simulated/agent_script.h"
#include "platform/simulated/desktop.h"
#include "platform/simulated/run_script.h"
#include "settings/load.h"

namespace broker {

/// What a step of a scenario does; the names are SimulatedDesktop's.
enum class ScenarioVerb : int32_t {
  kLogon = 0,
  kRemoteLogon,
  kLogonScreen,
  kLogonThere,
  kLogoff,
  kLeaveProcesses,
  kLock,
  kUnlock,
  kRequestLock,
  kRequestUnlock,
  kSwitchTo,
  kSwitchAway,
  kDisconnect,
  kReconnect,
  kTakeOver,
  kSuspend,
  kResume,
  kShutDown,
  kLose,
  kRecover,
  kAgentFails,
  kAgentStartsLate,
  kAgentRuns,
  kAgentExits,
  kAgentIgnoresStop,
  kRunEnds,
};

/// Whether it says how agents fare…
[[nodiscard]] bool IsAboutAgents(ScenarioVerb verb);
/// … or how agents or programs do, and does nothing to the desktop.
[[nodiscard]] bool IsSaidOnly(ScenarioVerb verb);

/// One step; only the fields that its verb takes mean something.
struct ScenarioStep {
  int64_t at_us = 0;  ///< UTC microseconds.
  ScenarioVerb verb = ScenarioVerb::kLogon;
  std::string session;  ///< The name by which steps speak of a session; the desktop gives the id.
  LogonRequest logon;
  std::string seat = "seat0";  ///< switch_away.
  std::string reason;          ///< shut_down, lose, recover.
  bool forgetful = false;      ///< recover.
  AgentRule agent;             ///< agent_…; its time and its session's key are the player's.
  RunRule run;                 ///< run_ends; the same.
};

/// A script for a simulated desktop. A value.
///
///     start = "2026-01-05T07:55:00Z"   # UTC; the machine has just booted
///     then  = "stop"                   # after the last step: "stop" (default) or "wait"
///     boot_id = "00000000000000000000000000000001"   # optional; else a new one for every play
///
///     [[step]]
///     at   = "08:00:00"                # the time of the step before's day; or: after = "5 s"
///     do   = "logon"
///     user = "alice"
///
/// What a step takes, by `do`; (…) is optional:
///
///     logon            user (session, id, uid, class, type, seat, display, background)
///     remote_logon     user host (session, id, uid, class, type, display)
///     logon_screen     session (seat)    as Windows has it, a session without a user, …
///     logon_there      session user (uid)                     … which becomes the user's
///     logoff, leave_processes, lock, unlock, request_lock, request_unlock, switch_to,
///     disconnect, reconnect                                               session
///     take_over        session host      its user goes on with it from a remote terminal
///     switch_away      (seat)
///     suspend, resume
///     shut_down, lose  (reason)
///     recover          (reason, forgetful)
///
/// How agents fare, whom a step picks by (agent, session, user), each of which may be left out.
/// Nothing is said of the others: they start at once and run until their session ends or they are
/// stopped. It holds for the launches from then on, for so many `times`, 1 by itself, or for as
/// long as `lasting` says; agent_exits is for those that run now.
///
///     agent_fails        stage (call, code, system, times, lasting)   what the table of failures,
///                        action/failures.h, makes of the code is what the launch ends with
///     agent_starts_late  by (times, lasting)
///     agent_runs         for (code or signal, system, times, lasting) and ends then
///     agent_exits        (code or signal, system)
///     agent_ignores_stop (times, lasting)                             until its stop time is over
///
/// `stage` is policy, session, token, environment or spawn; `system`, windows or linux (by itself),
/// whose code it is.
///
/// How programs fare that plugins have run (usher.run/1, hooks). A step picks runs by (program,
/// session, user), each of which may be left out, from then on, for so many `times`, 1 by itself,
/// or for as long as `lasting` says. Of the others nothing is said: they exit with 0 and write
/// nothing.
///
///     run_ends           (code or signal or result, output, times, lasting)
///
/// `result` is timed_out, lost or not_started; `output` is what it writes.
///
/// `session` is a name of the scenario's own, the user's if the logon gives none; once its session
/// is gone, another may have it.
struct Scenario {
  std::string file;
  int64_t start_us = 0;
  std::string boot_id;  ///< Empty: a new one for every play.
  bool stops = true;    ///< Whether nothing more can come after the last step.
  std::vector<ScenarioStep> steps;
};

/// What came of reading a scenario: usable only if `errors` is empty.
struct LoadedScenario {
  Scenario scenario;
  std::vector<SettingsError> errors;  ///< By position.
};

/// Reads a scenario and plays it on a desktop that nobody watches, so that nothing can go wrong
/// later: all errors at once, steps that are impossible included. `file` is the text's name.
[[nodiscard]] LoadedScenario ParseScenario(std::string_view text, const std::string& file);

/// Reads the file at `path`; one that is missing, unreadable or too large is an error like any
/// other.
[[nodiscard]] LoadedScenario LoadScenario(const std::string& path);

/// When the desktop of `scenario` begins: it took the machine a few seconds to boot.
[[nodiscard]] Timestamp StartOf(const Scenario& scenario);

}  // namespace broker
