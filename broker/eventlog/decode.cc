#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/json_members.h"
#include "eventlog/line.h"

namespace broker {
namespace {

/// A type that this version knows is a number, not a name.
void ResolveType(Event& event) {
  const std::optional<EventType> known = ParseEventType(event.type_name);
  if (!known) return;
  event.type = *known;
  event.type_name.clear();
}

/// "MAJOR.MINOR", both decimal.
bool ParseVersion(std::string_view text, SegmentHeader& header) {
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, header.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return false;
  const auto minor = std::from_chars(major.ptr + 1, end, header.minor);
  return minor.ec == std::errc() && minor.ptr == end;
}

Status CheckVersion(const std::string& version, SegmentHeader& header) {
  if (!ParseVersion(version, header)) {
    return {StatusCode::kCorrupt, "'format' is missing or not of the form MAJOR.MINOR"};
  }
  if (header.major <= kLogFormatMajor) return {};
  return {StatusCode::kInvalid, "its format " + version + " is of a newer Usher; this one reads " +
                                    std::to_string(kLogFormatMajor) +
                                    ".x: use the newer one, or another log directory"};
}

/// Before anything else of a header: in a later version the rest may be otherwise.
Status ReadVersion(std::string_view line, SegmentHeader& header) {
  std::string version;
  const JsonMember format{"format", &version};
  Status read = ReadJsonObject(line, {&format, 1});
  return read.ok() ? CheckVersion(version, header) : read;
}

}  // namespace

Result<Event> DecodeEvent(std::string_view line) {
  Event event;
  uint64_t chain = 0;
  const std::array members{JsonMember{"seq", &event.seq, true},
                           JsonMember{"time", JsonTime{&event.time.realtime_us}, true},
                           JsonMember{"mono", &event.time.monotonic_us},
                           JsonMember{"type", &event.type_name},
                           JsonMember{"origin", &event.origin},
                           JsonMember{"source", &event.source},
                           JsonMember{"cause", &event.cause},
                           JsonMember{"chain", &chain},
                           JsonMember{"reason", &event.reason},
                           JsonMember{"session", &event.session},
                           JsonMember{"before", &event.before},
                           JsonMember{"details", &event.details}};
  Status read = ReadJsonObject(line, members);
  if (!read.ok()) return read;
  if (event.seq == 0) return Status(StatusCode::kCorrupt, "'seq' is zero");
  ResolveType(event);
  event.chain = static_cast<uint32_t>(std::min<uint64_t>(chain, UINT32_MAX));
  return event;
}

Result<SegmentHeader> DecodeHeader(std::string_view line) {
  if (!HasValidSum(line)) return Status(StatusCode::kCorrupt, "the checksum does not match");
  SegmentHeader header;
  Status version = ReadVersion(line, header);
  if (!version.ok()) return version;
  const std::array members{JsonMember{"log", &header.log_id},
                           JsonMember{"machine", &header.machine_id},
                           JsonMember{"boot", &header.boot_id},
                           JsonMember{"first_seq", &header.first_seq, true},
                           JsonMember{"created", JsonTime{&header.created_us}},
                           JsonMember{"seats", &header.sessions.seats},
                           JsonMember{"sessions", &header.sessions.sessions}};
  Status read = ReadJsonObject(line, members);
  if (!read.ok()) return read;
  header.sessions.as_of = header.first_seq == 0 ? 0 : header.first_seq - 1;
  return header;
}

}  // namespace broker
