#include "variables.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>

namespace agents {
namespace {

using Member = std::string Session::*;

constexpr std::array<std::pair<std::string_view, Member>, 10> kVariables{{
    {"session.id", &Session::id},
    {"session.key", &Session::key},
    {"session.user", &Session::user},
    {"session.user_id", &Session::user_id},
    {"session.class", &Session::session_class},
    {"session.type", &Session::type},
    {"session.seat", &Session::seat},
    {"session.tty", &Session::tty},
    {"session.display", &Session::display},
    {"session.remote_host", &Session::remote_host},
}};

/// What stands between "${" and "}"; nothing where the last is missing.
std::string_view NameIn(std::string_view token) {
  return token.ends_with('}') ? token.substr(2, token.size() - 3) : std::string_view();
}

/// The text with what `value` makes of each "${…}".
std::string Replaced(std::string_view text,
                     const std::function<std::string(std::string_view token)>& value) {
  std::string result;
  while (true) {
    const size_t begin = text.find("${");
    if (begin == std::string_view::npos) break;
    if (begin > 0 && text[begin - 1] == '$') {
      result.append(text.substr(0, begin - 1)).append("${");
      text.remove_prefix(begin + 2);
      continue;
    }
    result.append(text.substr(0, begin));
    const size_t end = std::min(text.find('}', begin), text.size() - 1) + 1;
    result += value(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
  return result.append(text);
}

}  // namespace

std::optional<std::string> UnknownVariable(const std::string& text) {
  std::optional<std::string> unknown;
  (void)Replaced(text, [&unknown](std::string_view token) {
    const bool known = std::any_of(kVariables.begin(), kVariables.end(), [token](const auto& each) {
      return each.first == NameIn(token);
    });
    if (!known && !unknown) unknown = token;
    return std::string();
  });
  return unknown;
}

std::string Expand(const std::string& text, const Session& session) {
  return Replaced(text, [&session](std::string_view token) {
    for (const auto& [name, member] : kVariables) {
      if (name == NameIn(token)) return session.*member;
    }
    return std::string();
  });
}

std::string AllVariables() {
  std::string all;
  for (const auto& [name, member] : kVariables) {
    all += (all.empty() ? "${" : ", ${") + std::string(name) + "}";
  }
  return all;
}

}  // namespace agents
