#pragma once

#include <cstddef>
#include <string>

#include "event/status.h"

namespace broker {

/// What the regular file at `path` holds; one with more than `most_bytes` is refused. The message
/// goes on behind the file's name: "cannot be read: …", "is a directory, …".
[[nodiscard]] Result<std::string> ReadTextFile(const std::string& path, size_t most_bytes);

}  // namespace broker
