#include "platform/simulated/scenario_step.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "event/names.h"
#include "event/utc.h"
#include "settings/table_reader.h"

namespace broker {
namespace {

constexpr int64_t kMaxPauseUs = int64_t{30} * 24 * 3600 * 1000000;
constexpr int64_t kMaxUid = 0xFFFFFFFE;
constexpr int64_t kMostSignal = 64;
constexpr int64_t kMostExitCode = 255;

constexpr std::array<std::string_view, 26> kVerbs{"logon",
                                                  "remote_logon",
                                                  "logon_screen",
                                                  "logon_there",
                                                  "logoff",
                                                  "leave_processes",
                                                  "lock",
                                                  "unlock",
                                                  "request_lock",
                                                  "request_unlock",
                                                  "switch_to",
                                                  "switch_away",
                                                  "disconnect",
                                                  "reconnect",
                                                  "take_over",
                                                  "suspend",
                                                  "resume",
                                                  "shut_down",
                                                  "lose",
                                                  "recover",
                                                  "agent_fails",
                                                  "agent_starts_late",
                                                  "agent_runs",
                                                  "agent_exits",
                                                  "agent_ignores_stop",
                                                  "run_ends"};

/// "08:00:00" on the day of `day_us`.
std::optional<int64_t> TimeOfDay(const std::string& text, int64_t day_us) {
  constexpr size_t kDateLength = sizeof("2026-01-05T") - 1;
  return ParseScenarioTime(FormatUtc(day_us).substr(0, kDateLength) + text + "Z");
}

std::string ClockTime(int64_t time_us) {
  return FormatUtc(time_us).substr(sizeof("2026-01-05T") - 1, sizeof("08:00:00") - 1);
}

int64_t ReadAt(TableReader& reader, const std::string& at, int64_t before_us) {
  const std::optional<int64_t> time_us = TimeOfDay(at, before_us);
  if (!time_us) {
    reader.Fail("at", "expected a time of day, e.g. at = \"" + ClockTime(before_us) + "\"");
  } else if (*time_us < before_us) {
    reader.Fail("at", at + " is over already: the step before is at " + ClockTime(before_us) +
                          "; steps go forward in time, past midnight with after");
  }
  return std::max(time_us.value_or(before_us), before_us);
}

int64_t ReadTime(TableReader& reader, int64_t before_us) {
  std::string at;
  int64_t after_us = 1000000;
  const bool has_at = reader.String("at", at);
  const bool has_after = reader.Duration("after", 0, kMaxPauseUs, after_us);
  if (has_at && has_after) {
    reader.Fail("after", "stands beside at; a step has one of the two");
    return before_us;
  }
  if (has_at) return ReadAt(reader, at, before_us);
  return has_after ? before_us + after_us : before_us;
}

/// Whether the step says when it is, rightly or not.
bool HasTime(const toml::table& table) {
  return table.contains("at") || table.contains("after");
}

void ReadUserId(TableReader& reader, LogonRequest& logon) {
  int64_t uid = 1001;
  if (reader.Integer("uid", 0, kMaxUid, uid)) logon.user_id = std::to_string(uid);
}

void ReadUser(TableReader& reader, LogonRequest& logon) {
  if (reader.RequiredString("user", logon.user) && logon.user.empty())
    reader.Fail("user", "must not be empty");
}

void ReadLogonBasics(TableReader& reader, ScenarioStep& step) {
  LogonRequest& logon = step.logon;
  ReadUser(reader, logon);
  step.session = logon.user;
  reader.String("session", step.session);
  reader.String("id", logon.id);
  ReadUserId(reader, logon);
  reader.String("class", logon.session_class);
  reader.String("type", logon.type);
  reader.String("display", logon.display);
}

void ReadLogon(TableReader& reader, ScenarioStep& step) {
  ReadLogonBasics(reader, step);
  reader.String("seat", step.logon.seat);
  bool background = false;
  if (reader.Boolean("background", background)) step.logon.foreground = !background;
}

void ReadRemoteLogon(TableReader& reader, ScenarioStep& step) {
  step.logon.remote = true;
  step.logon.seat.clear();
  step.logon.type = "tty";
  ReadLogonBasics(reader, step);
  reader.RequiredString("host", step.logon.remote_host);
}

void ReadLogonThere(TableReader& reader, ScenarioStep& step) {
  reader.RequiredString("session", step.session);
  ReadUser(reader, step.logon);
  ReadUserId(reader, step.logon);
}

void ReadAgentSystem(TableReader& reader, AgentRule& rule) {
  std::string system = "linux";
  reader.Choice("system", {"linux", "windows"}, system);
  if (system == "windows") rule.system = CodeSystem::kWindows;
}

void ReadAgentEnd(TableReader& reader, AgentRule& rule) {
  ReadAgentSystem(reader, rule);
  int64_t code = 0;
  if (reader.Integer("code", 0, UINT32_MAX, code)) rule.code = static_cast<int32_t>(code);
  int64_t signal = 9;
  if (!reader.Integer("signal", 1, kMostSignal, signal)) return;
  if (rule.code != 0) reader.Fail("signal", "stands beside code; an agent ends by one of the two");
  rule.end = LaunchEndKind::kSignaled;
  rule.code = static_cast<int32_t>(signal);
}

void ReadAgentFailure(TableReader& reader, AgentRule& rule) {
  std::string stage = "spawn";
  reader.Choice("stage", {"policy", "session", "token", "environment", "spawn"}, stage);
  for (const LaunchStage each : {LaunchStage::kPolicy, LaunchStage::kSession, LaunchStage::kToken,
                                 LaunchStage::kEnvironment, LaunchStage::kSpawn}) {
    if (Name(each) == stage) rule.stage = each;
  }
  reader.String("call", rule.call);
  int64_t code = 0;
  if (reader.Integer("code", INT32_MIN, UINT32_MAX, code)) rule.code = static_cast<int32_t>(code);
  ReadAgentSystem(reader, rule);
}

/// For how many launches, or runs, it holds, or how long.
template <class Rule>
void ReadHowOften(TableReader& reader, Rule& rule) {
  const bool counted = reader.Integer("times", 1, INT32_MAX, rule.times);
  if (reader.Duration("lasting", 1, kMaxPauseUs, rule.lasting_us) && counted)
    reader.Fail("lasting", "stands beside times; a step has one of the two");
}

/// How long it takes, which nobody can guess.
void ReadAgentTime(TableReader& reader, const toml::table& table, const char* key,
                   AgentRule& rule) {
  rule.time_us = 1000000;
  reader.Duration(key, 0, kMaxPauseUs, rule.time_us);
  if (!table.contains(key)) reader.Fail(key, std::string("is missing; add ") + key + " = \"1 s\"");
}

void ReadAgent(TableReader& reader, const toml::table& table, ScenarioStep& step) {
  AgentRule& rule = step.agent;
  reader.String("agent", rule.agent);
  reader.String("session", step.session);
  reader.String("user", rule.user);
  switch (step.verb) {
    case ScenarioVerb::kAgentFails:
      rule.twist = AgentTwist::kFails;
      ReadAgentFailure(reader, rule);
      return ReadHowOften(reader, rule);
    case ScenarioVerb::kAgentStartsLate:
      rule.twist = AgentTwist::kStartsLate;
      ReadAgentTime(reader, table, "by", rule);
      return ReadHowOften(reader, rule);
    case ScenarioVerb::kAgentRuns:
      rule.twist = AgentTwist::kRuns;
      ReadAgentTime(reader, table, "for", rule);
      ReadAgentEnd(reader, rule);
      return ReadHowOften(reader, rule);
    case ScenarioVerb::kAgentExits:
      rule.twist = AgentTwist::kExits;
      return ReadAgentEnd(reader, rule);
    default:
      rule.twist = AgentTwist::kIgnoresStop;
      return ReadHowOften(reader, rule);
  }
}

/// What it ends with: one of code, signal and result.
RunEnd ReadRunEnd(TableReader& reader) {
  int64_t code = 0;
  int64_t signal = 0;
  std::string result;
  const bool has_code = reader.Integer("code", 0, kMostExitCode, code);
  const bool has_signal = reader.Integer("signal", 1, kMostSignal, signal);
  const bool has_result = reader.Choice("result", {"timed_out", "lost", "not_started"}, result);
  if (has_code + has_signal + has_result > 1) {
    reader.Fail(has_result ? "result" : "signal", "stands beside another end; a run has one");
  }
  if (has_signal) return EndOfProgram(RunEndKind::kSignaled, static_cast<int32_t>(signal));
  if (result == "not_started") return NotStarted("start", "", 0, "the scenario has it fail");
  if (result == "lost") return EndOfProgram(RunEndKind::kLost, 0);
  if (result == "timed_out") return EndOfProgram(RunEndKind::kTimedOut, 0);
  return EndOfProgram(RunEndKind::kExited, static_cast<int32_t>(code));
}

void ReadRun(TableReader& reader, ScenarioStep& step) {
  RunRule& rule = step.run;
  reader.String("program", rule.program);
  reader.String("session", step.session);
  reader.String("user", rule.user);
  rule.end = ReadRunEnd(reader);
  reader.String("output", rule.end.output);
  ReadHowOften(reader, rule);
}

void ReadArguments(TableReader& reader, const toml::table& table, ScenarioStep& step) {
  if (IsAboutAgents(step.verb)) return ReadAgent(reader, table, step);
  if (step.verb == ScenarioVerb::kRunEnds) return ReadRun(reader, step);
  switch (step.verb) {
    case ScenarioVerb::kLogon:
      return ReadLogon(reader, step);
    case ScenarioVerb::kRemoteLogon:
      return ReadRemoteLogon(reader, step);
    case ScenarioVerb::kLogonThere:
      return ReadLogonThere(reader, step);
    case ScenarioVerb::kLogonScreen:
      reader.RequiredString("session", step.session);
      [[fallthrough]];
    case ScenarioVerb::kSwitchAway:
      reader.String("seat", step.seat);
      return;
    case ScenarioVerb::kSuspend:
    case ScenarioVerb::kResume:
      return;
    case ScenarioVerb::kRecover:
      reader.Boolean("forgetful", step.forgetful);
      [[fallthrough]];
    case ScenarioVerb::kShutDown:
    case ScenarioVerb::kLose:
      reader.String("reason", step.reason);
      return;
    case ScenarioVerb::kTakeOver:
      reader.RequiredString("host", step.logon.remote_host);
      [[fallthrough]];
    default:
      reader.RequiredString("session", step.session);
  }
}

/// The name that a step with an unknown verb might have meant to give.
std::string GuessName(const toml::table& table) {
  for (const auto* key : {"session", "user"})
    if (const auto* text = table[key].as_string()) return text->get();
  return {};
}

bool ReadVerb(TableReader& reader, ScenarioVerb& verb) {
  std::string name = "logon";
  const std::vector<std::string> choices(kVerbs.begin(), kVerbs.end());
  if (!reader.Choice("do", choices, name)) return false;
  verb = *ValueIn<ScenarioVerb>(kVerbs, name);
  return true;
}

}  // namespace

WrittenStep ReadStep(const toml::table& table, int64_t before_us, const std::string& file,
                     std::vector<SettingsError>& errors) {
  const size_t errors_before = errors.size();
  WrittenStep written;
  written.table = &table;
  TableReader reader(table, "step", file, errors);
  written.step.at_us = ReadTime(reader, before_us);
  if (!HasTime(table)) reader.Fail("at", "is missing; add at = \"08:00:00\" or after = \"5 s\"");
  if (!table.contains("do")) reader.Fail("do", "is missing; add do = \"logon\" or another verb");
  if (ReadVerb(reader, written.step.verb)) {
    ReadArguments(reader, table, written.step);
    reader.Finish();
  } else {
    written.step.session = GuessName(table);
  }
  written.sound = errors.size() == errors_before;
  return written;
}

std::optional<int64_t> ParseScenarioTime(const std::string& text) {
  constexpr size_t kWithoutFraction = sizeof("2026-01-05T07:55:00Z") - 1;
  if (text.size() != kWithoutFraction) return ParseUtc(text);
  return ParseUtc(text.substr(0, kWithoutFraction - 1) + ".000000Z");
}

}  // namespace broker
