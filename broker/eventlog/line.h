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

/// The number that an event's line begins with, if it does; the rest of the line is not looked at.
[[nodiscard]] std::optional<Seq> PeekSeq(std::string_view line);

}  // namespace broker
