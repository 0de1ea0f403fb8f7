#include "settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <utility>

#include "config_reader.h"
#include "type_glob.h"
#include "variables.h"

namespace agents {
namespace {

using plugins::ConfigReader;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

using Words = std::vector<std::string>;

constexpr const char* kGreeter = "greeter";
constexpr size_t kMostNameBytes = 64;
constexpr int64_t kMostTasks = 4'000'000;
constexpr int64_t kMostCpuPercent = 100'000;

template <class List, class Value>
bool Contains(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMostNameBytes &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool IsVariableName(std::string_view name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  constexpr std::string_view kDigits = "0123456789";
  return !name.empty() && kLetters.find(name.front()) != std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return kLetters.find(c) != std::string_view::npos ||
                  kDigits.find(c) != std::string_view::npos;
         });
}

/// The broker launches nobody with these: it sets them itself, or they make the loader do things.
bool IsReserved(std::string_view variable) {
  constexpr std::array<std::string_view, 8> kReserved{
      "PATH", "LANG", "HOME", "USER", "LOGNAME", "SHELL", "XDG_RUNTIME_DIR", "XDG_SESSION_ID"};
  return variable.starts_with("LD_") || variable.starts_with("USHER_") ||
         Contains(kReserved, variable);
}

/// Exit codes are numbers, those of Windows often hexadecimal: "3", "0xC0000142".
std::optional<int32_t> ParseCode(std::string_view text) {
  const bool is_hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (is_hexadecimal) text.remove_prefix(2);
  uint32_t code = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, code, is_hexadecimal ? 16 : 10);
  if (error != std::errc() || stop != end) return std::nullopt;
  return static_cast<int32_t>(code);
}

void CheckVariables(const ConfigReader& reader, const std::string& key, const std::string& text) {
  if (const auto unknown = UnknownVariable(text)) {
    reader.Fail(key, "there is no variable " + *unknown + "; there are " + AllVariables());
  }
}

void CheckSize(const ConfigReader& reader, const std::string& key, const std::string& text) {
  if (text.size() <= USHER_LAUNCH_MAX_TEXT) return;
  reader.Fail(key, "may have at most " + std::to_string(USHER_LAUNCH_MAX_TEXT) +
                       " bytes in one text; one has " + std::to_string(text.size()));
}

/// With detours, what it is launched as is not what stands there, and so may not be granted.
void CheckPath(const ConfigReader& reader, const std::string& key, const std::string& path) {
  if (!path.starts_with('/')) {
    reader.Fail(key, "must be an absolute path; it is \"" + path + "\"");
  }
  if (std::filesystem::path(path).lexically_normal().generic_string() != path) {
    reader.Fail(key, "must be without '.', '..' and '//'; it is \"" + path + "\"");
  }
  if (path.find("${") != std::string::npos) {
    reader.Fail(key, "must be without \"${\": variables are for args and environment; it is \"" +
                         path + "\"");
  }
  CheckSize(reader, key, path);
}

void ReadName(const ConfigReader& reader, const Settings& settings, Agent& agent) {
  if (!reader.Read("name", agent.name)) {
    return reader.Fail("name", "must be there: it is what the agent goes by");
  }
  if (!IsName(agent.name)) {
    reader.Fail("name",
                "must be of a-z, 0-9 and '-', at most 64 of them; it is \"" + agent.name + "\"");
  }
  const bool taken = std::any_of(settings.agents.begin(), settings.agents.end(),
                                 [&agent](const Agent& other) { return other.name == agent.name; });
  if (taken) reader.Fail("name", "there is another agent \"" + agent.name + "\" above");
}

void ReadProgram(const ConfigReader& reader, usher::LaunchRequest& launch) {
  if (!reader.Read("program", launch.program)) {
    reader.Fail("program", "must be there: the absolute path of what is to run");
  } else {
    CheckPath(reader, "program", launch.program);
  }
  reader.Read("args", launch.arguments);
  for (const std::string& argument : launch.arguments) {
    CheckVariables(reader, "args", argument);
    CheckSize(reader, "args", argument);
  }
  if (launch.arguments.size() > USHER_LAUNCH_MAX_ARGUMENTS) {
    reader.Fail("args", "must be at most " + std::to_string(USHER_LAUNCH_MAX_ARGUMENTS));
  }
  if (reader.Read("directory", launch.directory)) CheckPath(reader, "directory", launch.directory);
}

void ReadEnvironment(const ConfigReader& reader, usher::LaunchRequest& launch) {
  Words lines;
  reader.Read("environment", lines);
  for (const std::string& line : lines) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos || !IsVariableName(std::string_view(line).substr(0, equals))) {
      reader.Fail("environment", R"(must be texts as "NAME=value"; one is ")" + line + "\"");
      continue;
    }
    CheckVariables(reader, "environment", line);
    const std::string name = line.substr(0, equals);
    CheckSize(reader, "environment", name);
    CheckSize(reader, "environment", line.substr(equals + 1));
    if (IsReserved(name)) reader.Fail("environment", "may not set " + name + ": choose another");
    if (std::ranges::any_of(launch.variables, [&](const auto& one) { return one.first == name; })) {
      reader.Fail("environment", "sets " + name + " twice; remove one of the two");
    }
    launch.variables.emplace_back(name, line.substr(equals + 1));
  }
  if (lines.size() > USHER_LAUNCH_MAX_VARIABLES) {
    reader.Fail("environment", "must be at most " + std::to_string(USHER_LAUNCH_MAX_VARIABLES));
  }
}

void ReadMemory(const ConfigReader& reader, uint64_t& bytes) {
  std::string text;
  reader.ReadBytes("limits.memory", bytes);
  if (bytes == 0 || bytes >= USHER_LAUNCH_LEAST_MEMORY || !reader.Read("limits.memory", text)) {
    return;
  }
  reader.Fail("limits.memory",
              R"(must be at least "1 MiB", as nothing starts with less; it is ")" + text + "\"");
}

void ReadLimits(const ConfigReader& reader, usher_launch_limits& limits) {
  ReadMemory(reader, limits.memory_bytes);
  const auto read = [&reader](const char* key, int64_t least, int64_t most, uint64_t& out) {
    int64_t value = most;
    reader.Read(key, least, most, value);
    if (value >= least && value < most) out = static_cast<uint64_t>(value);
  };
  read("limits.tasks", 1, kMostTasks, limits.tasks);
  // Nothing starts with fewer than this least number.
  read("limits.open_files", USHER_LAUNCH_LEAST_FILES, kMostTasks, limits.open_files);
  read("limits.cpu_percent", 1, kMostCpuPercent, limits.cpu_percent);
}

void ReadReadiness(const ConfigReader& reader, usher::LaunchRequest& launch) {
  static const std::vector<std::pair<std::string, uint32_t>> kThings{
      {"display", USHER_READY_DISPLAY},
      {"user_bus", USHER_READY_USER_BUS},
      {"runtime_directory", USHER_READY_RUNTIME_DIRECTORY},
      {"profile", USHER_READY_PROFILE}};
  Words things;
  reader.Read("ready_when", things);
  for (const std::string& thing : things) {
    const auto known = std::find_if(kThings.begin(), kThings.end(),
                                    [&thing](const auto& each) { return each.first == thing; });
    if (known != kThings.end()) {
      launch.ready_when |= known->second;
    } else {
      reader.Fail(
          "ready_when",
          "must be a list of \"display\", \"user_bus\", \"runtime_directory\", \"profile\"; "
          "one is \"" +
              thing + "\"");
    }
  }
  reader.Read("ready_timeout", milliseconds(100), minutes(10), "100 ms to 10 min",
              launch.ready_timeout);
}

void ReadLaunch(const ConfigReader& reader, usher::LaunchRequest& launch) {
  ReadProgram(reader, launch);
  ReadEnvironment(reader, launch);
  ReadLimits(reader, launch.limits);
  ReadReadiness(reader, launch);
  size_t choice = 0;
  reader.Read("token", Words{"user", "elevated", "system"}, choice);
  launch.token = static_cast<usher::Token>(choice);
  choice = 0;
  reader.Read("desktop", Words{"default", "winlogon"}, choice);
  launch.desktop = static_cast<usher::Desktop>(choice);
  choice = 0;
  reader.Read("on_broker_exit", Words{"keep", "stop"}, choice);
  launch.keep = choice == 0;
  reader.Read("stop", milliseconds(0), minutes(10), "0 s to 10 min", launch.stop_time);
}

/// Who takes a glob for more than it is would wait for a session in vain.
void ReadGlobs(const ConfigReader& reader, const char* key, Words& globs) {
  reader.Read(key, globs);
  for (const std::string& glob : globs) {
    if (glob.find_first_of("[]{}|") == std::string::npos) continue;
    reader.Fail(key,
                "a glob has '*' for any text and '?' for any character, and no more; one is \"" +
                    glob + "\"");
  }
}

void ReadSessions(const ConfigReader& reader, Selection& sessions) {
  ReadGlobs(reader, "sessions.class", sessions.classes);
  ReadGlobs(reader, "sessions.type", sessions.types);
  ReadGlobs(reader, "sessions.seat", sessions.seats);
  ReadGlobs(reader, "sessions.user", sessions.users);
  ReadGlobs(reader, "sessions.group", sessions.groups);
  for (const auto& [key, globs] : {std::pair("sessions.user", &sessions.users),
                                   std::pair("sessions.group", &sessions.groups)}) {
    if (Contains(*globs, "")) reader.Fail(key, "must have no empty text: nobody is called that");
  }
  std::string given;
  size_t via = 0;
  const Words ways{"console", "remote"};
  reader.Read("sessions.via", ways, via);
  if (reader.Read("sessions.via", given)) sessions.via = ways.at(via);
}

/// The same word in both, or one that makes no sense there.
void CheckWords(const ConfigReader& reader, const char* key, const Words& given, const Words& known,
                const char* other_key, const Words& other) {
  for (const std::string& word : given) {
    if (Contains(other, word)) {
      reader.Fail(key, "\"" + word + "\" is in " + other_key +
                           ", too: what it starts it would stop at once, for ever");
    } else if (!Contains(known, word)) {
      reader.Fail(key, "must be a list of " + plugins::Listed(known) + "; one is \"" + word + "\"");
    }
  }
}

void ReadConditions(const ConfigReader& reader, Agent& agent) {
  Words start{"logon"};
  Words stop{"logoff"};
  if (reader.Read("start_on", start) && start.empty()) {
    reader.Fail("start_on", "must not be empty: nothing would start the agent");
  }
  reader.Read("stop_on", stop);
  CheckWords(reader, "start_on", start, {"logon", "connected", "unlocked", "logon_screen"},
             "stop_on", stop);
  CheckWords(reader, "stop_on", stop, {"logoff", "disconnected", "locked"}, "start_on", start);

  Conditions& conditions = agent.conditions;
  conditions.logon_screen = Contains(start, "logon_screen");
  conditions.logon = Contains(start, "logon");
  conditions.connected = Contains(start, "connected");
  conditions.unlocked = Contains(start, "unlocked");
  conditions.until_disconnected = Contains(stop, "disconnected");
  conditions.until_locked = Contains(stop, "locked");

  size_t choice = 0;
  std::string given;
  reader.Read("unknown_lock", Words{"locked", "unlocked"}, choice);
  if (reader.Read("unknown_lock", given)) {
    conditions.unknown_lock = choice == 0 ? usher::Locked::kYes : usher::Locked::kNo;
  }
  choice = 0;
  reader.Read("disconnected", Words{"keep", "stop"}, choice);
  if (choice == 1) {
    conditions.until_disconnected = true;
  } else if (conditions.until_disconnected && reader.Read("disconnected", given)) {
    reader.Fail("disconnected", "it is \"keep\", but stop_on has \"disconnected\"");
  }
}

/// What each for itself may be, but leaves no session to run in, or no time.
void CheckSense(const ConfigReader& reader, const Agent& agent) {
  const Conditions& conditions = agent.conditions;
  const Selection& sessions = agent.sessions;
  const bool of_users = conditions.logon || conditions.connected || conditions.unlocked;
  const bool all_greeters =
      !sessions.classes.empty() &&
      std::ranges::all_of(sessions.classes, [](const auto& glob) { return glob == kGreeter; });
  if (of_users && !conditions.logon_screen && all_greeters) {
    reader.Fail("start_on",
                "nobody logs on in a session of the class \"greeter\": the agent would "
                "never start; \"logon_screen\" is what it waits for");
  }
  const bool no_greeter =
      !sessions.classes.empty() && std::ranges::none_of(sessions.classes, [](const auto& glob) {
        return plugins::MatchesGlob(glob, kGreeter);
      });
  if (conditions.logon_screen && no_greeter) {
    reader.Fail("sessions.class",
                "start_on has \"logon_screen\", but \"greeter\" is not here: no "
                "logon screen would have the agent");
  }
  if (agent.scope == Scope::kConsole && sessions.via == "remote") {
    reader.Fail("sessions.via",
                "scope is \"console\", where no remote session ever is: the agent "
                "would never start");
  }
}

void ReadCodes(const ConfigReader& reader, Rules& rules) {
  Words codes;
  reader.Read("no_restart_codes", codes);
  for (const std::string& text : codes) {
    if (const auto code = ParseCode(text)) {
      rules.final_codes.insert(*code);
    } else {
      reader.Fail(
          "no_restart_codes",
          R"(must be texts with exit codes, as "3" or "0xC0000142"; one is ")" + text + "\"");
    }
  }
}

void ReadRules(const ConfigReader& reader, Rules& rules) {
  size_t restart = 0;
  reader.Read("restart", Words{"always", "on-failure", "never"}, restart);
  rules.restart = static_cast<Restart>(restart);
  ReadCodes(reader, rules);
  reader.Read("backoff.initial", seconds(0), hours(1), "0 s to 1 h", rules.initial);
  reader.Read("backoff.max", milliseconds(1), hours(24), "1 ms to 24 h", rules.max);
  reader.Read("backoff.factor", 1.0, 100.0, rules.factor);
  reader.Read("backoff.jitter", 0.0, 1.0, rules.jitter);
  reader.Read("backoff.healthy_after", seconds(0), hours(1), "0 s to 1 h", rules.healthy_after);
  if (rules.initial > rules.max) {
    reader.Fail("backoff.max", "must not be less than backoff.initial");
  }
  reader.Read("give_up.limit", 1, 1000, rules.limit);
  reader.Read("give_up.window", seconds(1), hours(24), "1 s to 24 h", rules.window);
  reader.Read("give_up.probe", seconds(1), hours(24), "1 s to 24 h", rules.probe);
}

Agent ReadAgent(const ConfigReader& reader, const Settings& settings) {
  Agent agent;
  ReadName(reader, settings, agent);
  ReadConditions(reader, agent);
  size_t scope = 0;
  reader.Read("scope", Words{"session", "user", "console"}, scope);
  agent.scope = static_cast<Scope>(scope);
  // Somebody waits for their place.
  if (agent.scope == Scope::kConsole || agent.conditions.logon_screen) {
    agent.launch.stop_time = seconds(1);
  }
  ReadLaunch(reader, agent.launch);
  agent.launch.agent = agent.name;
  agent.launch.scope =
      agent.scope == Scope::kUser ? usher::LaunchScope::kUser : usher::LaunchScope::kSession;
  ReadSessions(reader, agent.sessions);
  ReadRules(reader, agent.rules);
  CheckSense(reader, agent);
  return agent;
}

}  // namespace

Settings ReadSettings(const usher::Config& config) {
  Settings settings;
  const ConfigReader all(config, "");
  const uint32_t count =
      all.CountTables("agent", "must be tables, one for each agent: [[plugins.NAME.config.agent]]");
  for (uint32_t i = 0; i < count; ++i) {
    const ConfigReader reader(config, "agent." + std::to_string(i) + ".");
    settings.agents.push_back(ReadAgent(reader, settings));
  }
  return settings;
}

}  // namespace agents
