#pragma once

#include <string>

#include "event/status.h"
#include "eventlog/file_system.h"

namespace broker {

/// Whether the state directory is of a version that this broker knows: kInvalid where a higher
/// major version wrote it. One without the file `version`, or that is not there, is of version 1.
[[nodiscard]] Status ReadStateVersion(FileSystem& files, const std::string& directory);

/// Sees to it that the state directory is of a version that this broker knows, and notes its own in
/// the file `version`: MAJOR.MINOR, now 1.0. A directory without the file is of version 1. Fails
/// with kInvalid where a higher major version wrote it; nothing is changed then. Where the version
/// cannot be noted, the next start tries again.
Status CheckStateVersion(FileSystem& files, const std::string& directory);

}  // namespace broker
