#pragma once

#include <memory>

#include "event/diagnostics.h"

namespace broker {

/// Diagnostics on standard error: for a person with time and level, or, where standard error is the
/// journal, with the level prefix that the journal reads. Source: sd-daemon(3), JOURNAL_STREAM in
/// systemd.exec(5).
std::unique_ptr<Diagnostics> MakeStderrDiagnostics(Severity least);

}  // namespace broker
