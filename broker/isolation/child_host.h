#pragma once

#include <string>

#include "isolation/channel.h"

namespace broker {

/// The child's part of LoadInChild: maps the library `file`, which is called `path` in errors, and
/// does what the broker asks for until it is gone. The calling thread is the plugin's.
void ServePlugin(const std::string& file, const std::string& path, Channel& parent);

}  // namespace broker
