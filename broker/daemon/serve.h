#pragma once

#include <memory>

#include "daemon/exit_code.h"
#include "daemon/service.h"
#include "event/diagnostics.h"
#include "eventlog/file_system.h"
#include "settings/settings.h"

namespace broker {

/// Runs the broker until somebody asks to stop, also where that is while it starts. Answers how the
/// process is to end, badly also where events were given up; what went wrong is in the diagnostics
/// by then. Where something of it is stuck in a call it does not return, but ends the process.
DaemonExit Serve(Settings settings, std::unique_ptr<FileSystem> files, Service& service,
                 Diagnostics& diagnostics);

}  // namespace broker
