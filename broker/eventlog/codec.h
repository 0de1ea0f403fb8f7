#pragma once

#include <string>
#include <string_view>

#include "event/event.h"
#include "event/status.h"
#include "session/session_table.h"

namespace broker {

// Between values and the lines of the log. Pure functions, thread-safe. Lines have no newline.
// FORMAT.md has the grammar.

/// What the first line of a segment says.
struct SegmentHeader {
  uint32_t major = 0;
  uint32_t minor = 0;
  std::string log_id;  ///< 32 hexadecimal digits, the same in all segments of one log.
  std::string machine_id;
  std::string boot_id;
  Seq first_seq = 0;         ///< The first seq that may stand in the segment.
  int64_t created_us = 0;    ///< UTC microseconds.
  SessionSnapshot sessions;  ///< As of first_seq - 1.
};

/// The version of the format that this code writes, "1.0".
[[nodiscard]] std::string FormatVersion();

/// Appends the event's line to `out`: always one valid line of at most kMaxLineBytes. Bytes that
/// are no UTF-8 become text (ToUtf8); texts too long are cut as kMaxTextBytes says; of details with
/// the same key only the first is written.
void EncodeEvent(std::string& out, const Event& event);

/// Appends the header's line to `out`, in this version of the format whatever `header` says.
/// Sessions that do not fit into kMaxHeaderBytes are left out.
void EncodeHeader(std::string& out, const SegmentHeader& header);

/// The event of a line, whose checksum is not looked at. kCorrupt with a few words ("not JSON: …",
/// "'time' is not a time") for a line that is no event.
[[nodiscard]] Result<Event> DecodeEvent(std::string_view line);

/// The header of a line, checksum included. kCorrupt for a line that is no header, kInvalid for one
/// of a higher major version.
[[nodiscard]] Result<SegmentHeader> DecodeHeader(std::string_view line);

}  // namespace broker
