#include "record.h"

#include <cstddef>
#include <cstdint>

#include <usher/cpp/text.hpp>

#include "event_kind.h"
#include "sentence.h"

namespace journald {
namespace {

constexpr size_t kLongestName = 64;

// Who logs on, and who steers the broker, belongs where the system's own logons are told.
// Source: RFC 5424, section 6.2.1.
constexpr const char* kFacilityDaemon = "3";
constexpr const char* kFacilityAuthPriv = "10";

const char* FacilityOf(std::string_view type) {
  for (const std::string_view beginning : {"session.", "console.", "control."}) {
    if (type.substr(0, beginning.size()) == beginning) return kFacilityAuthPriv;
  }
  return kFacilityDaemon;
}

std::string_view Flag(bool value) {
  return value ? "1" : "";
}

void AddSession(Record& record, const usher::Session& session) {
  // The names that logind's own records have: one query finds both.
  record.Add("SESSION_ID", session.id());
  record.Add("USER_ID", session.user());
  record.Add("USHER_SESSION", session.id());
  record.Add("USHER_SESSION_KEY", session.key());
  record.Add("USHER_USER", session.user());
  record.Add("USHER_UID", session.user_id());
  record.Add("USHER_CLASS", session.session_class());
  record.Add("USHER_SESSION_TYPE", session.type());
  record.Add("USHER_STATE", usher::Name(session.state()));
  record.Add("USHER_LOCKED", usher::Name(session.locked()));
  record.Add("USHER_ACTIVE", Flag(session.active()));
  record.Add("USHER_REMOTE", Flag(session.remote()));
  record.Add("USHER_SEAT", session.seat());
  record.Add("USHER_TTY", session.tty());
  record.Add("USHER_DISPLAY", session.display());
  record.Add("USHER_REMOTE_HOST", session.remote_host());
  if (session.logon_time()) record.Add("USHER_LOGON_TIME", usher::ToRfc3339(*session.logon_time()));
}

void AddEvent(Record& record, const usher::Event& event) {
  record.Add("USHER_TYPE", event.type_name());
  record.Add("USHER_SEQ", std::to_string(event.seq()));
  if (event.cause() != 0) record.Add("USHER_CAUSE", std::to_string(event.cause()));
  record.Add("USHER_TIME", usher::ToRfc3339(event.time()));
  record.Add("USHER_MONOTONIC", std::to_string(event.monotonic().count()));
  record.Add("USHER_BOOT_ID", event.boot_id());
  record.Add("USHER_ORIGIN", usher::Name(event.origin()));
  record.Add("USHER_SOURCE", event.source());
  record.Add("USHER_REASON", event.reason());
  record.Add("USHER_REDELIVERED", Flag(event.redelivered()));
  record.Add("USHER_UNLOGGED", Flag(event.unlogged()));
}

void AppendLittleEndian(std::string& out, uint64_t number) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    out += static_cast<char>(static_cast<unsigned char>(number >> shift));
  }
}

char ForName(char character) {
  if (character >= 'a' && character <= 'z') return static_cast<char>(character - 'a' + 'A');
  const bool allowed =
      (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9');
  return allowed ? character : '_';
}

}  // namespace

void Record::Add(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  bytes_.append(name).append(1, '\n');
  AppendLittleEndian(bytes_, value.size());
  bytes_.append(value).append(1, '\n');
}

Record Describe(const usher::Event& event, const Settings& settings) {
  const EventKind& kind = KindOf(event.type());
  Record record;
  record.Add("MESSAGE", Sentence(kind.sentence, event));
  record.Add("MESSAGE_ID", kind.message_id);
  const Priority priority = settings.PriorityOf(event.type_name(), kind.priority);
  record.Add("PRIORITY", std::to_string(static_cast<int32_t>(priority)));
  record.Add("SYSLOG_FACILITY", FacilityOf(event.type_name()));
  record.Add("SYSLOG_IDENTIFIER", settings.identifier);
  AddEvent(record, event);
  if (const usher::Session session = SessionOf(event)) AddSession(record, session);
  for (const usher::Detail detail : event.details()) {
    record.Add(DetailName(detail.key()), detail.value());
  }
  if (settings.event_json) record.Add("USHER_EVENT", event.json());
  return record;
}

std::string DetailName(std::string_view key) {
  std::string name = "USHER_DETAIL_";
  for (const char character : key.substr(0, kLongestName - name.size())) name += ForName(character);
  return name;
}

}  // namespace journald
