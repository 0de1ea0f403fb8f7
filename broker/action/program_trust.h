#pragma once

#include <string>

#include "event/status.h"

// Implemented once per system in platform/*/program_trust.cc. Any thread.

namespace broker {

/// Whether the program at `path` may be run: it and every folder on the way belong to root or the
/// broker's own user and can be written by nobody else, as with a plugin's library; links are
/// followed one by one under the same rule, also the last. It is a regular file that can be
/// executed. The same is true of the interpreter that a script asks for, and of that one's.
/// kPermission: not trusted; kInvalid: not a program; kCorrupt: a script whose interpreter is not
/// there; kNotFound; kIo.
Status CheckProgram(const std::string& path);

}  // namespace broker
