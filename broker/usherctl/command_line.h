#pragma once

#include <functional>
#include <string>
#include <vector>

#include "eventlog/file_system.h"
#include "usherctl/streams.h"

namespace broker {

/// What a command has of the process it runs in. All of it must outlive the run.
struct CommandEnvironment {
  FileSystem& files;
  Streams& streams;
  std::function<void()> catch_interrupt;  ///< From now on Ctrl-C only makes `interrupted` true.
  std::function<bool()> interrupted;
};

/// Runs the command that `arguments` (without the program's name) give; returns its exit code.
int RunCommandLine(std::vector<std::string> arguments, const CommandEnvironment& environment);

}  // namespace broker
