#pragma once

#include <string>

#include "event/status.h"
#include "eventlog/file_system.h"

namespace broker {

/// Whether a log in this directory is of a version that this broker can go on with: kInvalid where
/// a higher major version has written it, by its last header that is whole. Where there is no log,
/// there is nothing against it. Changes nothing.
[[nodiscard]] Status CheckLogVersion(FileSystem& files, const std::string& directory);

}  // namespace broker
