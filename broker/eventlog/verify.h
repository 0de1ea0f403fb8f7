#pragma once

#include <cstdint>
#include <string>

#include "event/status.h"
#include "eventlog/defect.h"
#include "eventlog/file_system.h"

namespace broker {

/// What a log consists of. A value.
struct LogVerification {
  uint64_t segments = 0;
  uint64_t events = 0;
  uint64_t defects = 0;
  uint64_t recorded_gaps = 0;  ///< Holes that a log.gap names: numbers given up by the writer.
  Seq first = 0;               ///< The first and the last event; 0 = there is none.
  Seq last = 0;
};

/// Reads the whole log and checks every line: header, checksum, seq without holes within and across
/// segments, values. Tells `on_defect` (may be null) of each defect. Fails where there is no log,
/// or it cannot be read at all. May run while the broker writes.
Result<LogVerification> VerifyLog(FileSystem& files, const std::string& directory,
                                  const OnDefect& on_defect);

}  // namespace broker
