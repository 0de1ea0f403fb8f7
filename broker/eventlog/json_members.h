#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/event.h"
#include "event/status.h"
#include "session/session_table.h"

namespace broker {

/// A time as FormatUtc writes it, in UTC microseconds.
struct JsonTime {
  int64_t* us;
};

/// Where a member's value goes. The types that are no plain JSON: names of enumerators (an empty
/// text leaves the value as it is), times, sessions, and objects of texts.
using JsonTarget =
    std::variant<std::string*, int64_t*, uint64_t*, bool*, JsonTime, Origin*, SessionState*,
                 Locked*, Details*, SeatMap*, SessionRef*, std::vector<SessionRef>*>;

/// A member that a line may have, or must.
struct JsonMember {
  std::string_view name;
  JsonTarget into;
  bool required = false;
};

/// The most members that can be asked for.
inline constexpr size_t kMaxJsonMembers = 32;

/// Parses one line, a JSON object, straight into the targets of `members`; fastest when the members
/// stand in this order. One that is absent leaves its target as it is; members that nobody asks for
/// are ignored; of several with one name the last counts. kCorrupt with a few words when the line
/// is no JSON object ("not JSON: …"), else about the first member that is of the wrong type, or
/// missing; targets may then have been set.
///
/// Memory is bounded by the line's length, nesting by Boost.JSON's limit. Thread-safe.
Status ReadJsonObject(std::string_view line, std::span<const JsonMember> members);

}  // namespace broker
