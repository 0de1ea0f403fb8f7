#include "presence_json.h"

#include <array>
#include <chrono>
#include <cstdio>

#include <usher/cpp/text.hpp>

namespace presence {
namespace {

std::string_view Name(Attachment at) {
  constexpr std::array<std::string_view, 3> kNames{"none", "console", "remote"};
  return kNames.at(static_cast<size_t>(at));
}

std::string_view Name(bool value) {
  return value ? "true" : "false";
}

std::string TimeText(int64_t utc_us) {
  return usher::ToRfc3339(usher::Time(std::chrono::microseconds(utc_us)));
}

/// A control character by its number.
void AppendEscaped(std::string& out, unsigned char character) {
  std::array<char, 8> escaped{};
  std::snprintf(escaped.data(), escaped.size(), "\\u%04x", character);
  out += escaped.data();
}

void AppendMember(std::string& out, std::string_view key, std::string_view text) {
  out.append(", ").append(Quote(key)).append(": ").append(Quote(text));
}

std::string ToJson(const Logon& logon) {
  std::string out = "{\"user\": " + Quote(logon.user);
  AppendMember(out, "user_id", logon.user_id);
  out += ", \"since\": ";
  out += logon.logon_time_us == 0 ? "null" : Quote(TimeText(logon.logon_time_us));
  AppendMember(out, "at", Name(logon.at));
  AppendMember(out, "locked", usher::Name(logon.locked));
  out.append(", \"at_the_machine\": ").append(Name(IsAtTheMachine(logon)));
  AppendMember(out, "id", logon.id);
  AppendMember(out, "key", logon.key);
  AppendMember(out, "class", logon.session_class);
  AppendMember(out, "type", logon.type);
  AppendMember(out, "seat", logon.seat);
  AppendMember(out, "tty", logon.tty);
  AppendMember(out, "display", logon.display);
  AppendMember(out, "remote_host", logon.remote_host);
  return out + "}";
}

std::string SessionsToJson(const std::vector<Logon>& logons) {
  std::string out = "[";
  for (const Logon& logon : logons) {
    out.append(out.size() == 1 ? "\n    " : ",\n    ").append(ToJson(logon));
  }
  return out + (logons.empty() ? "]" : "\n  ]");
}

}  // namespace

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      out.append(1, '\\').append(1, character);
    } else if (byte < 0x20 || byte == 0x7F) {
      AppendEscaped(out, byte);
    } else {
      out += character;
    }
  }
  return out + "\"";
}

std::string ToJson(const Presence& presence, bool live) {
  std::string out = "{\n  \"live\": ";
  out.append(Name(live));
  out.append(",\n  \"as_of_seq\": ").append(std::to_string(presence.as_of_seq));
  out.append(",\n  \"time\": ").append(Quote(TimeText(presence.time_us)));
  out.append(",\n  \"anybody_logged_on\": ").append(Name(presence.AnybodyLoggedOn()));
  out.append(",\n  \"anybody_at_the_machine\": ").append(Name(presence.AnybodyAtTheMachine()));
  out.append(",\n  \"sessions\": ").append(SessionsToJson(presence.logons)).append("\n}\n");
  return out;
}

}  // namespace presence
