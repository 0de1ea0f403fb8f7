#include "platform/linux/session_environment.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <utility>

#include "event/text.h"

namespace broker {
namespace {

constexpr size_t kMostVariables = 256;
constexpr size_t kLongestVariable = 8192;
constexpr size_t kMostBytes = 65536;

/// What of the leader's environment says something about its session.
constexpr auto kOfLeader = std::to_array<std::string_view>(
    {"DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_CURRENT_DESKTOP",
     "XDG_SESSION_DESKTOP", "XDG_VTNR", "LANG", "LANGUAGE", "TZ"});
/// What the service manager tells its own services, and who the user is, which it knows better.
constexpr auto kNotOfUser = std::to_array<std::string_view>(
    {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "NOTIFY_SOCKET", "JOURNAL_STREAM", "INVOCATION_ID",
     "MANAGERPID", "MAINPID", "FDSTORE", "CREDENTIALS_DIRECTORY", "MONITOR_UNIT", "GCONV_PATH",
     "GLIBC_TUNABLES", "LOCPATH", "NLSPATH", "BASH_ENV", "ENV"});
constexpr auto kNotOfUserPrefixes = std::to_array<std::string_view>(
    {"LD_", "USHER_", "LISTEN_", "WATCHDOG_", "SYSTEMD_", "MEMORY_PRESSURE_"});

bool IsOneOf(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool IsNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsName(std::string_view name) {
  const bool begins_well = !name.empty() && (name.front() < '0' || name.front() > '9');
  return begins_well && std::ranges::all_of(name, IsNameCharacter);
}

/// The service manager refuses a unit for a variable that is none.
bool IsValue(std::string_view value) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  return IsUtf8(value) && std::ranges::none_of(value, is_control);
}

bool MayBeOfUser(std::string_view name) {
  const auto begins_name = [&](std::string_view prefix) { return name.starts_with(prefix); };
  return !IsOneOf(kNotOfUser, name) && std::ranges::none_of(kNotOfUserPrefixes, begins_name);
}

bool MayBeOfLeader(std::string_view name) {
  return IsOneOf(kOfLeader, name) || name.starts_with("LC_");
}

/// Variables by name, within bounds.
class Variables {
 public:
  void Set(std::string_view name, std::string_view value) { variables_[std::string(name)] = value; }
  void SetIfAny(std::string_view name, std::string_view value) {
    if (!value.empty() && IsValue(value)) Set(name, value);
  }
  void SetIfNone(std::string_view name, std::string_view value) {
    variables_.try_emplace(std::string(name), value);
  }
  /// Those that may be set at all and that `may_be` accepts.
  void Take(const Environment& others, bool (*may_be)(std::string_view name)) {
    for (const std::string& other : others) {
      const size_t equals = other.find('=');
      if (equals == std::string::npos || other.size() > kLongestVariable) continue;
      const std::string_view name = std::string_view(other).substr(0, equals);
      const std::string_view value = std::string_view(other).substr(equals + 1);
      if (!IsName(name) || !IsValue(value) || !may_be(name)) continue;
      taken_ += other.size();
      if (variables_.size() < kMostVariables && taken_ < kMostBytes) Set(name, value);
    }
  }
  [[nodiscard]] Environment All() const {
    Environment all;
    all.reserve(variables_.size());
    for (const auto& [name, value] : variables_) all.emplace_back(name).append("=").append(value);
    return all;
  }

 private:
  std::map<std::string, std::string> variables_;
  size_t taken_ = 0;
};

void AddSession(Variables& variables, const Session& session) {
  variables.Set("XDG_SESSION_ID", session.Id());
  variables.SetIfAny("XDG_SESSION_TYPE", session.Type());
  variables.SetIfAny("XDG_SESSION_CLASS", session.Class());
  variables.SetIfAny("XDG_SEAT", session.Seat());
}

void AddUser(Variables& variables, const Session& session) {
  const std::string runtime = "/run/user/" + std::string(session.UserId());
  variables.Set("XDG_RUNTIME_DIR", runtime);
  variables.SetIfNone("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + runtime + "/bus");
  if (!session.Display().empty() && IsValue(session.Display())) {
    variables.SetIfNone("DISPLAY", session.Display());
  }
}

}  // namespace

Environment BuildAgentEnvironment(const LaunchOrder& order, const Environment& user_manager,
                                  const Environment& leader) {
  const Session& session = *order.session;
  Variables variables;
  variables.Set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  variables.Set("LANG", "C.UTF-8");
  if (order.token != TokenKind::kSystem) {
    variables.Take(user_manager, MayBeOfUser);
    variables.Take(leader, MayBeOfLeader);
    AddUser(variables, session);
  }
  AddSession(variables, session);
  for (const auto& [name, value] : order.variables) variables.Set(name, value);
  variables.Set("USHER_AGENT", order.agent);
  variables.Set("USHER_INSTANCE", order.instance);
  variables.Set("USHER_SESSION_KEY", session.Key());
  return variables.All();
}

std::string_view ValueIn(const Environment& environment, std::string_view name) {
  for (const std::string_view variable : environment) {
    if (variable.starts_with(name) && variable.substr(name.size()).starts_with('=')) {
      return variable.substr(name.size() + 1);
    }
  }
  return {};
}

Environment ReadEnvironmentOf(int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/environ", std::ios::binary);
  Environment environment;
  std::string variable;
  size_t bytes = 0;
  while (bytes < kMostBytes && std::getline(file, variable, '\0')) {
    bytes += variable.size();
    environment.push_back(variable);
  }
  return environment;
}

}  // namespace broker
