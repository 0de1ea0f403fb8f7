#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/event.h"

namespace broker {

// What can be told of a line without decoding it: at memory speed. Pure
// functions, thread-safe.

/// The checksum of a line that has these bytes before its last member: XXH3-64, seed 0.
[[nodiscard]] uint64_t LineSum(std::string_view bytes);

/// Closes the line that begins at `line_start` of `out` with its checksum.
void AppendSum(std::string& out, size_t line_start);

/// Whether the line ends with its right checksum.
[[nodiscard]] bool HasValidSum(std::string_view line);

/// What stands at the start of an event's line, in the form that the encoder gives it. Points into
/// the line.
struct LineHead {
  Seq seq = 0;
  std::string_view time;  ///< As FormatUtc writes it: in order of time they are in order of text.
  std::string_view type;
};

/// The head of an event's line; nullopt where it is not in the usual form (no type, escapes in it,
/// members in another order), and only decoding tells more. The rest of the line is not looked at.
[[nodiscard]] std::optional<LineHead> PeekHead(std::string_view line);

/// The number that an event's line begins with, if it does; the rest of the line is not looked at.
[[nodiscard]] std::optional<Seq> PeekSeq(std::string_view line);

}  // namespace broker
