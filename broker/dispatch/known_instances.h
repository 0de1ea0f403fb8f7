#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "event/status.h"
#include "eventlog/file_system.h"

namespace broker {

/// How long an instance is known, and its cursor stays, that the configuration no longer has.
inline constexpr std::chrono::days kRemovedInstanceLife{7};

/// Which instances were configured once, as NoteInstances finds them. A value.
struct NotedInstances {
  std::vector<std::string> missing;  ///< In the configuration no more.
  Status outcome;                    ///< Whether that could be read, and noted for the next time.
};

/// Notes which instances there are, before one of them does anything that outlives the broker, and
/// answers which of those that there were are in the configuration no more. `configured` are those
/// that it has now; `now_us` is the UTC time of the system.
///
/// Removes the cursors of those that have not been there for kRemovedInstanceLife; one that comes
/// back before goes on where it was. To be called before a configured instance reads its cursor.
///
/// They stand in the file `instances` of the state directory, a line each: "NAME" or, for one that
/// is missing, "NAME TIME": since the first call that did not find it. Where that file cannot be
/// read nobody is known to be missing; where it cannot be written no cursor is removed.
NotedInstances NoteInstances(FileSystem& files, const std::string& state_directory,
                             const std::vector<std::string>& configured, int64_t now_us);

/// For a person: NoteInstances has failed, and what comes of it.
[[nodiscard]] std::string WhyNotNoted(const Status& failure);

}  // namespace broker
