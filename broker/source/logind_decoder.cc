#include "source/logind_decoder.h"

#include <charconv>
#include <type_traits>

namespace broker {
namespace {

constexpr std::string_view kSessionPrefix = "/org/freedesktop/login1/session/";
constexpr std::string_view kSeatPrefix = "/org/freedesktop/login1/seat/";

using NamedObject = std::pair<std::string, std::string>;

template <class T>
const T* Find(const PropertyMap& properties, std::string_view name) {
  const auto found = properties.find(name);
  return found == properties.end() ? nullptr : std::get_if<T>(&found->second);
}

void Take(const PropertyMap& properties, std::string_view name, std::string& field) {
  if (const auto* text = Find<std::string>(properties, name)) field = *text;
}

void Take(const PropertyMap& properties, std::string_view name, bool& field) {
  if (const auto* flag = Find<bool>(properties, name)) field = *flag;
}

void TakeName(const PropertyMap& properties, std::string_view name, std::string& field) {
  if (const auto* object = Find<NamedObject>(properties, name)) field = object->first;
}

void TakeLocked(const PropertyMap& properties, SessionStatus& session) {
  if (const auto* hint = Find<bool>(properties, "LockedHint")) {
    session.locked = *hint ? Locked::kYes : Locked::kNo;
  }
}

void TakeActive(const PropertyMap& properties, SessionStatus& session) {
  const auto* active = Find<bool>(properties, "Active");
  if (!active) return;
  session.active = *active;
  const bool settled =
      session.state == SessionState::kOnline || session.state == SessionState::kActive;
  if (settled) session.state = ForegroundState(*active);
}

void TakeState(const PropertyMap& properties, SessionStatus& session) {
  const auto* name = Find<std::string>(properties, "State");
  if (!name) return;
  if (const auto state = ParseSessionState(*name)) session.state = *state;
}

std::optional<unsigned char> HexByte(std::string_view digits) {
  unsigned char byte = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, byte, 16);
  if (digits.size() != 2 || error != std::errc{} || stop != end) return std::nullopt;
  return byte;
}

std::optional<std::string> NameBehind(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return std::nullopt;
  const std::string_view element = path.substr(prefix.size());
  if (element.empty() || element.find('/') != std::string_view::npos) return std::nullopt;
  return UnescapePathElement(element);
}

}  // namespace

std::string UnescapePathElement(std::string_view element) {
  if (element == "_") return {};
  std::string text;
  for (size_t i = 0; i < element.size(); ++i) {
    const auto byte = element[i] == '_' ? HexByte(element.substr(i + 1, 2)) : std::nullopt;
    text.push_back(byte ? static_cast<char>(*byte) : element[i]);
    if (byte) i += 2;
  }
  return text;
}

std::optional<std::string> SessionIdOfPath(std::string_view path) {
  return NameBehind(kSessionPrefix, path);
}

std::optional<std::string> SeatNameOfPath(std::string_view path) {
  return NameBehind(kSeatPrefix, path);
}

Session DecodeSession(std::string id, const PropertyMap& properties) {
  SessionFacts session;
  session.id = std::move(id);
  Take(properties, "Name", session.user);
  TakeName(properties, "User", session.user_id);
  Take(properties, "RemoteHost", session.remote_host);
  Take(properties, "Remote", session.remote);
  if (const auto* created = Find<uint64_t>(properties, "TimestampMonotonic")) {
    session.created_us = static_cast<int64_t>(*created);
  }
  ApplyChanges(properties, session);
  return Session(session);
}

void ApplyChanges(const PropertyMap& changed, SessionFacts& session) {
  Take(changed, "Class", session.session_class);
  Take(changed, "Type", session.type);
  TakeName(changed, "Seat", session.seat);
  Take(changed, "TTY", session.tty);
  Take(changed, "Display", session.display);
  TakeActive(changed, session);
  TakeState(changed, session);
  TakeLocked(changed, session);
}

SessionState ForegroundState(bool active) {
  return active ? SessionState::kActive : SessionState::kOnline;
}

std::optional<std::string> DecodeActiveSession(const PropertyMap& properties) {
  const auto* object = Find<NamedObject>(properties, "ActiveSession");
  return object ? std::optional(object->first) : std::nullopt;
}

}  // namespace broker
