#include "variables.h"

#include <algorithm>
#include <string_view>

#include "settings.h"

namespace hooks {
namespace {

std::string Flag(bool value) {
  return value ? "1" : "0";
}

/// "delay_us" becomes "USHER_DETAIL_DELAY_US".
std::string NameOfDetail(std::string_view key) {
  std::string name = "USHER_DETAIL_";
  for (const char c : key) {
    const bool small = c >= 'a' && c <= 'z';
    const bool fits = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += small ? static_cast<char>(c - 'a' + 'A') : fits ? c : '_';
  }
  return name;
}

void AddSession(const usher::Session& session, Variables& out) {
  const auto add = [&](const char* name, std::string_view value) {
    out.emplace_back(name, session ? value : "");
  };
  add("USHER_SESSION_ID", session.id());
  add("USHER_SESSION_KEY", session.key());
  add("USHER_USER", session.user());
  add("USHER_USER_ID", session.user_id());
  add("USHER_CLASS", session.session_class());
  add("USHER_SESSION_TYPE", session.type());
  add("USHER_SEAT", session.seat());
  add("USHER_TTY", session.tty());
  add("USHER_DISPLAY", session.display());
  add("USHER_REMOTE_HOST", session.remote_host());
  add("USHER_REMOTE", Flag(session.remote()));
  add("USHER_ACTIVE", Flag(session.active()));
  add("USHER_LOCKED", usher::Name(session.locked()));
}

bool Has(const Variables& variables, const std::string& name) {
  return std::any_of(variables.begin(), variables.end(),
                     [&name](const auto& other) { return other.first == name; });
}

}  // namespace

Variables VariablesOf(const usher::Event& event) {
  Variables variables{
      {"USHER_SEQ", std::to_string(event.seq())},
      {"USHER_TYPE", std::string(event.type_name())},
      {"USHER_ORIGIN", std::string(usher::Name(event.origin()))},
      {"USHER_REASON", std::string(event.reason())},
      {"USHER_CAUSE", event.cause() == 0 ? "" : std::to_string(event.cause())},
      {"USHER_TIME_US", std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(
                                           event.time().time_since_epoch())
                                           .count())},
      {"USHER_REDELIVERED", Flag(event.redelivered())},
      {"USHER_SYNTHETIC", Flag(event.synthetic())},
  };
  AddSession(SessionOf(event), variables);
  for (const usher::Detail detail : event.details()) {
    if (variables.size() >= USHER_RUN_MAX_VARIABLES) break;
    std::string name = NameOfDetail(detail.key());
    if (!Has(variables, name)) variables.emplace_back(std::move(name), detail.value());
  }
  return variables;
}

}  // namespace hooks
