#pragma once

#include <memory>

#include "action/run.h"
#include "platform/linux/launched_program.h"
#include "platform/linux/run_io.h"

namespace broker {

/// Starts a program by fork and exec, where no systemd does it: in a process group of its own, with
/// a mark by which all that it starts is found at its end. Null: `failure` says why not.
std::unique_ptr<LaunchedProgram> ForkProgram(const RunOrder& order, const RunIo& io,
                                             RunEnd& failure);

}  // namespace broker
