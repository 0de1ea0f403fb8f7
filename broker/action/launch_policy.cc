#include "action/launch_policy.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "action/order_check.h"

namespace broker {
namespace {

constexpr size_t kMostName = 64;
constexpr std::array kTokens{TokenKind::kUser, TokenKind::kElevated, TokenKind::kSystem};

bool IsAgentName(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !name.empty() && name.size() <= kMostName &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// A path with ".." in it could leave the folder that is granted.
bool IsPlain(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string() == path;
}

bool IsProgramOf(const std::string& granted, const std::string& program) {
  return granted.ends_with('/') ? program.starts_with(granted) : program == granted;
}

bool IsClassOf(const std::string& granted, std::string_view session_class) {
  return granted == session_class || (granted == "user" && IsUserClass(session_class));
}

LaunchFailure Impossible(std::string why) {
  return Refusal(LaunchStage::kPolicy, "start", kInvalidCode, std::move(why));
}

/// Whether it can start at all with what it may use; else why not.
std::string WhyTooLittle(const LaunchLimits& limits) {
  if (limits.memory_bytes != 0 && limits.memory_bytes < kLeastMemory) {
    return "its limit of memory is " + std::to_string(limits.memory_bytes) +
           " bytes; nothing starts with less than " + std::to_string(kLeastMemory);
  }
  if (limits.open_files == 0 || limits.open_files >= kLeastOpenFiles) return {};
  return "its limit of open files is " + std::to_string(limits.open_files) +
         "; nothing starts with fewer than " + std::to_string(kLeastOpenFiles);
}

LaunchFailure NotGranted(const LaunchOrder& order, const std::string& what, const std::string& key,
                         const std::string& value) {
  return Refusal(LaunchStage::kPolicy, key, kNotPermittedCode,
                 "the configuration lets '" + order.instance + "' launch no " + what,
                 "add \"" + value + "\" to " + key + " in [plugins." + order.instance +
                     ".launch], and reload");
}

}  // namespace

std::optional<TokenKind> ParseTokenKind(std::string_view name) {
  const auto found =
      std::ranges::find_if(kTokens, [name](TokenKind kind) { return Name(kind) == name; });
  if (found == kTokens.end()) return std::nullopt;
  return *found;
}

std::optional<LaunchFailure> CheckLaunch(const LaunchOrder& order) {
  if (!IsAgentName(order.agent)) {
    return Impossible("an agent's name is made of 1 to 64 of a-z, 0-9 and '-'");
  }
  const Status status =
      CheckCommand({order.program, order.arguments, order.variables, order.directory});
  if (!status.ok()) return Impossible(status.message());
  const std::string too_little = WhyTooLittle(order.limits);
  if (!too_little.empty()) return Impossible(too_little);
  if (IsPlain(order.program)) return std::nullopt;
  return Impossible("a program's path has no '.', '..' or '//' in it; it is '" + order.program +
                    "'");
}

std::optional<LaunchFailure> CheckRights(const LaunchOrder& order, const LaunchRights& rights) {
  const auto is_program = [&](const std::string& each) { return IsProgramOf(each, order.program); };
  if (std::ranges::none_of(rights.programs, is_program)) {
    return NotGranted(order, "program '" + order.program + "'", "programs", order.program);
  }
  if (std::ranges::find(rights.tokens, order.token) == rights.tokens.end()) {
    const std::string token(Name(order.token));
    return NotGranted(order, "agent with the token '" + token + "'", "tokens", token);
  }
  const std::string session_class(order.session->Class());
  const auto is_class = [&](const std::string& each) { return IsClassOf(each, session_class); };
  if (std::ranges::any_of(rights.classes, is_class)) return std::nullopt;
  return NotGranted(order, "agent in sessions of the class '" + session_class + "'", "classes",
                    session_class);
}

}  // namespace broker
