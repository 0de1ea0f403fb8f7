#include "control/emission.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "control/json_fields.h"

namespace broker {
namespace {

using boost::json::object;
using boost::json::value;

constexpr size_t kMaxTextBytes = 1024;
constexpr size_t kMaxDetails = 16;
constexpr size_t kMaxKeyBytes = 64;

Status Invalid(const std::string& what) {
  return {StatusCode::kInvalid, "\"emit\" " + what};
}

Status ReadText(const object& params, std::string_view name, std::string& out) {
  const value* member = params.if_contains(name);
  if (member == nullptr) return {};
  const auto* text = member->if_string();
  if (text == nullptr || text->size() > kMaxTextBytes) {
    return Invalid("takes a text of at most " + std::to_string(kMaxTextBytes) + " bytes as \"" +
                   std::string(name) + "\"");
  }
  out = std::string_view(*text);
  return {};
}

bool IsKey(std::string_view key) {
  return !key.empty() && key.size() <= kMaxKeyBytes && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Status ReadDetails(const object& params, Details& out) {
  const value* member = params.if_contains("details");
  if (member == nullptr) return {};
  const object* details = member->if_object();
  if (details == nullptr || details->size() > kMaxDetails) {
    return Invalid("takes an object of at most " + std::to_string(kMaxDetails) +
                   " texts as \"details\"");
  }
  for (const auto& detail : *details) {
    out.emplace_back(detail.key(), "");
    if (!IsKey(detail.key())) {
      return Invalid("takes details named by 1 to " + std::to_string(kMaxKeyBytes) +
                     " of a-z, 0-9 and \"_\"");
    }
    Status read = ReadText(*details, detail.key(), out.back().second);
    if (!read.ok()) return read;
  }
  return {};
}

}  // namespace

Result<Emission> ParseEmission(const value& params) {
  const object* members = params.if_object();
  if (members == nullptr || !members->contains("type")) {
    return Invalid("needs the text \"type\": the name of an event");
  }
  for (const auto& member : *members) {
    constexpr std::array<std::string_view, 4> kKnown{"type", "session", "reason", "details"};
    if (std::ranges::find(kKnown, std::string_view(member.key())) != kKnown.end()) continue;
    return Invalid("takes \"type\", \"session\", \"reason\" and \"details\", nothing else");
  }
  Emission emission;
  Status read = ReadText(*members, "type", emission.type);
  if (read.ok()) read = ReadText(*members, "session", emission.session);
  if (read.ok()) read = ReadText(*members, "reason", emission.reason);
  if (read.ok()) read = ReadDetails(*members, emission.details);
  if (!read.ok()) return read;
  return emission;
}

value ToJson(const Emission& emission) {
  object json{{"type", JsonText(emission.type)}};
  if (!emission.session.empty()) json["session"] = JsonText(emission.session);
  if (!emission.reason.empty()) json["reason"] = JsonText(emission.reason);
  if (emission.details.empty()) return json;
  object details;
  for (const auto& [key, text] : emission.details) details[key] = JsonText(text);
  json["details"] = std::move(details);
  return json;
}

}  // namespace broker
