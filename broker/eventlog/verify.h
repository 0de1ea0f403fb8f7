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
  uint64_t recorded_gaps = 0;  ///< How many log.gap events name holes: numbers given up.
  Seq first = 0;               ///< The first and the last event; 0 = there is none.
  Seq last = 0;
};

/// Reads the whole log and checks every line's checksum and number, headers, and the indexes
/// against their segments, and the reserved numbers; a line with the right checksum is decoded only
/// where its start is unusual, or its content matters. Each missing number must be named by a
/// log.gap behind it. Tells `on_defect` (may be null) of each defect, of holes last; a segment that
/// the disk does not hand out is one defect, and nothing is said of what it has.
///
/// May run while the broker writes, then up to where the log ends when it comes there; waits up to
/// 200 ms for an unfinished last line. Fails where there is no log, or it may not be read, or not
/// by this version.
Result<LogVerification> VerifyLog(FileSystem& files, const std::string& directory,
                                  const OnDefect& on_defect);

}  // namespace broker
