#include "settings.h"

#include <algorithm>
#include <utility>

#include "accounts.h"
#include "config_reader.h"
#include "type_glob.h"

namespace hooks {
namespace {

using plugins::ConfigReader;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int64_t kMostConcurrency = 16;
constexpr int64_t kMostRetries = 100;
constexpr size_t kMostArguments = USHER_RUN_MAX_ARGUMENTS - 3;  // A shell needs some.

template <class List>
bool Contains(const List& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool IsEmptyOrContains(const std::vector<std::string>& list, std::string_view value) {
  return list.empty() || Contains(list, value);
}

bool MatchesAType(std::string_view glob) {
  for (int32_t type = 1; type < usher::detail::kTypeCount; ++type) {
    if (plugins::MatchesGlob(glob, usher::Name(static_cast<usher::EventType>(type)))) return true;
  }
  // Types of other plugins begin with the plugin's id, so that they have two dots at least.
  return std::count(glob.begin(), glob.end(), '.') >= 2;
}

bool IsInOneOf(const std::vector<std::string>& groups, std::string_view user_id) {
  const std::vector<std::string> own = plugins::GroupsOf(std::string(user_id));
  return std::any_of(own.begin(), own.end(),
                     [&groups](const std::string& group) { return Contains(groups, group); });
}

void ReadProgram(const ConfigReader& reader, Hook& hook) {
  reader.Read("shell", hook.shell);
  if (!reader.Read("program", hook.program) || hook.program.empty()) {
    return reader.Fail("program", "must be there: what is to be run");
  }
  if (!hook.shell && hook.program.front() != '/') {
    reader.Fail("program", "must be an absolute path; it is \"" + hook.program + "\"" +
                               "; what a shell is to do needs shell = true");
  }
  reader.Read("args", hook.args);
  if (hook.args.size() > kMostArguments) {
    reader.Fail("args", "must be at most " + std::to_string(kMostArguments));
  }
}

void ReadTypes(const ConfigReader& reader, Hook& hook) {
  if (!reader.Read("on", hook.on) || hook.on.empty()) {
    return reader.Fail("on", R"(must be a list of types of events, as ["session.logon"])");
  }
  for (const std::string& glob : hook.on) {
    if (MatchesAType(glob)) continue;
    reader.Fail("on", "there is no type of event that \"" + glob +
                          "\" matches; types are as in \"session.logon\", \"session.*\" or, of a "
                          "plugin's own, \"org.example.name.*\"");
  }
}

/// Names become ids here, once: who has a name may change, and names may be anything.
void ReadAccounts(const ConfigReader& reader, const char* key, const char* what,
                  std::optional<std::string> (*find)(const std::string&),
                  std::vector<std::string>& out) {
  std::vector<std::string> names;
  reader.Read(key, names);
  for (const std::string& name : names) {
    if (const auto id = find(name)) {
      out.push_back(*id);
    } else {
      reader.Fail(key, std::string("there is no ") + what + " \"" + name + "\"");
    }
  }
}

void ReadSessions(const ConfigReader& reader, Hook& hook) {
  reader.Read("class", hook.classes);
  reader.Read("seat", hook.seats);
  ReadAccounts(reader, "users", "user", plugins::UserId, hook.users);
  ReadAccounts(reader, "groups", "group", plugins::GroupId, hook.groups);
  const std::vector<std::string> ways{"", "console", "remote"};
  size_t via = 0;
  reader.Read("via", std::vector<std::string>(ways.begin() + 1, ways.end()), via);
  std::string given;
  if (reader.Read("via", given)) hook.via = ways.at(via + 1);
}

void ReadFailure(const ConfigReader& reader, Hook& hook) {
  size_t on_failure = 0;
  reader.Read("on_failure", {"ignore", "retry", "stop"}, on_failure);
  hook.on_failure = static_cast<OnFailure>(on_failure);
  reader.Read("retries", 1, kMostRetries, hook.retries);
  reader.Read("retry_wait", milliseconds(100), hours(1), "100 ms to 1 h", hook.retry_wait);
}

Hook ReadHook(const ConfigReader& reader) {
  Hook hook;
  ReadTypes(reader, hook);
  ReadProgram(reader, hook);
  size_t run_as = 0;
  reader.Read("run_as", {"root", "session_user"}, run_as);
  hook.run_as = run_as == 0 ? usher::RunAs::kRoot : usher::RunAs::kSessionUser;
  ReadSessions(reader, hook);
  reader.Read("timeout", milliseconds(100), hours(24), "100 ms to 24 h", hook.timeout);
  auto output = static_cast<int64_t>(hook.output);
  reader.Read("output", 0, USHER_RUN_MAX_OUTPUT, output);
  if (output >= 0) hook.output = static_cast<size_t>(output);
  ReadFailure(reader, hook);
  return hook;
}

}  // namespace

usher::Session SessionOf(const usher::Event& event) {
  if (event.session()) return event.session();
  const auto before = event.before();
  return before ? *before : event.session();
}

bool Hook::Wants(const usher::Event& event) const {
  const auto matches = [&event](const std::string& glob) {
    return plugins::MatchesGlob(glob, event.type_name());
  };
  if (std::none_of(on.begin(), on.end(), matches)) return false;
  const usher::Session session = SessionOf(event);
  const bool of_sessions = !classes.empty() || !users.empty() || !groups.empty() ||
                           !seats.empty() || !via.empty() || run_as == usher::RunAs::kSessionUser;
  if (!session) return !of_sessions;
  return IsEmptyOrContains(classes, session.session_class()) &&
         IsEmptyOrContains(users, session.user_id()) && IsEmptyOrContains(seats, session.seat()) &&
         (via.empty() || (via == "remote") == session.remote()) &&
         (groups.empty() || IsInOneOf(groups, session.user_id()));
}

Settings ReadSettings(const usher::Config& config) {
  Settings settings;
  const ConfigReader reader(config, "");
  size_t order = 0;
  reader.Read("order", {"sequential", "parallel"}, order);
  settings.parallel = order == 1;
  reader.Read("concurrency", 1, kMostConcurrency, settings.concurrency);
  const uint32_t count =
      reader.CountTables("hook", "must be tables, one for each hook: [[plugins.NAME.config.hook]]");
  for (uint32_t i = 0; i < count; ++i) {
    settings.hooks.push_back(ReadHook(ConfigReader(config, "hook." + std::to_string(i) + ".")));
  }
  return settings;
}

}  // namespace hooks
