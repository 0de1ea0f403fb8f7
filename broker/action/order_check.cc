#include "action/order_check.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace broker {
namespace {

constexpr std::string_view kLoader = "LD_";
constexpr auto kReserved = std::to_array<std::string_view>(
    {"PATH", "LANG", "HOME", "USER", "LOGNAME", "SHELL", "XDG_RUNTIME_DIR", "XDG_SESSION_ID"});

Status Wrong(std::string text) {
  return {StatusCode::kInvalid, std::move(text)};
}

bool HasNul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

bool IsNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsName(std::string_view name) {
  const bool begins_well = !name.empty() && (name.front() < '0' || name.front() > '9');
  return begins_well && std::ranges::all_of(name, IsNameCharacter);
}

Status CheckVariable(const std::string& name, const std::string& value) {
  if (!IsName(name)) {
    return Wrong("a variable's name is of A-Z, a-z, 0-9 and '_', and begins with no digit");
  }
  if (IsReserved(name)) return Wrong("the variable '" + name + "' is not free: choose another");
  if (HasNul(value)) return Wrong("the variable '" + name + "' has a NUL in its value");
  return {};
}

Status CheckPath(std::string_view what, const std::string& path) {
  if (!path.starts_with('/') || HasNul(path)) {
    return Wrong(std::string(what) + " is an absolute path; it is '" + path + "'");
  }
  return {};
}

}  // namespace

bool IsReserved(std::string_view variable) {
  return variable.starts_with(kLoader) || std::ranges::find(kReserved, variable) != kReserved.end();
}

Status CheckCommand(const Command& command) {
  Status status = CheckPath("a program", command.program);
  if (status.ok() && !command.directory.empty()) {
    status = CheckPath("a directory", command.directory);
  }
  for (const auto& [name, value] : command.variables) {
    if (status.ok()) status = CheckVariable(name, value);
  }
  if (!status.ok()) return status;
  if (std::ranges::any_of(command.arguments, HasNul)) return Wrong("an argument has a NUL");
  return {};
}

}  // namespace broker
