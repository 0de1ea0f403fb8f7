#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "event/status.h"
#include "eventlog/file_system.h"

namespace broker {

/// How long the cursor of an instance stays that the configuration no longer has.
inline constexpr std::chrono::days kRemovedCursorLife{7};

/// Removes the cursors of instances that have not been in the configuration for kRemovedCursorLife;
/// one that comes back before goes on where it was. `configured` are those that it has now;
/// `now_us` is the UTC time of the system.
///
/// Since when an instance is missing stands in the file `removed` of the state directory, a line
/// "NAME TIME" each: since the first call that did not find it. To be called before a configured
/// instance reads its cursor. Returns the instances that are missing. Fails where that file cannot
/// be written: then nothing is removed.
Result<std::vector<std::string>> ExpireCursors(FileSystem& files,
                                               const std::string& state_directory,
                                               const std::vector<std::string>& configured,
                                               int64_t now_us);

}  // namespace broker
