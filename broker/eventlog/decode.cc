#include <charconv>

#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/json_members.h"
#include "eventlog/line.h"

namespace broker {
namespace {

void ReadType(JsonMembers& members, Event& event) {
  members.Read("type", event.type_name);
  const std::optional<EventType> known = ParseEventType(event.type_name);
  if (!known) return;
  event.type = *known;
  event.type_name.clear();
}

Status ReadEvent(JsonMembers& members, Event& event) {
  members.Require("seq");
  members.Require("time");
  members.Read("seq", event.seq);
  members.ReadTime("time", event.time.realtime_us);
  members.Read("mono", event.time.monotonic_us);
  ReadType(members, event);
  members.ReadName("origin", event.origin, ParseOrigin);
  members.Read("source", event.source);
  members.Read("cause", event.cause);
  members.Read("reason", event.reason);
  members.Read("session", event.session);
  members.Read("before", event.before);
  members.Read("details", event.details);
  return members.status();
}

/// "MAJOR.MINOR", both decimal.
bool ParseVersion(std::string_view text, SegmentHeader& header) {
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, header.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return false;
  const auto minor = std::from_chars(major.ptr + 1, end, header.minor);
  return minor.ec == std::errc() && minor.ptr == end;
}

Status ReadVersion(JsonMembers& members, SegmentHeader& header) {
  std::string version;
  members.Read("format", version);
  if (!ParseVersion(version, header)) {
    return {StatusCode::kCorrupt, "'format' is missing or not of the form MAJOR.MINOR"};
  }
  if (header.major <= kLogFormatMajor) return {};
  return {StatusCode::kInvalid, "its format " + version + " is of a newer Usher; this one reads " +
                                    std::to_string(kLogFormatMajor) +
                                    ".x: use the newer one, or another log directory"};
}

Status ReadHeader(JsonMembers& members, SegmentHeader& header) {
  Status version = ReadVersion(members, header);
  if (!version.ok()) return version;
  members.Require("first_seq");
  members.Read("log", header.log_id);
  members.Read("machine", header.machine_id);
  members.Read("boot", header.boot_id);
  members.Read("first_seq", header.first_seq);
  members.ReadTime("created", header.created_us);
  members.Read("seats", header.sessions.seats);
  members.Read("sessions", header.sessions.sessions);
  header.sessions.as_of = header.first_seq == 0 ? 0 : header.first_seq - 1;
  return members.status();
}

}  // namespace

Result<Event> DecodeEvent(std::string_view line) {
  Event event;
  Status read = WithJsonObject(line, [&event](auto& members) { return ReadEvent(members, event); });
  if (!read.ok()) return read;
  if (event.seq == 0) return Status(StatusCode::kCorrupt, "'seq' is zero");
  return event;
}

Result<SegmentHeader> DecodeHeader(std::string_view line) {
  if (!HasValidSum(line)) return Status(StatusCode::kCorrupt, "the checksum does not match");
  SegmentHeader header;
  Status read =
      WithJsonObject(line, [&header](auto& members) { return ReadHeader(members, header); });
  if (!read.ok()) return read;
  return header;
}

}  // namespace broker
