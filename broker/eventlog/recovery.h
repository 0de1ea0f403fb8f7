#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event/status.h"
#include "eventlog/codec.h"
#include "eventlog/file_system.h"
#include "eventlog/segments.h"
#include "eventlog/writer.h"

namespace broker {

/// A segment and how large it is.
struct SizedSegment {
  Segment segment;
  uint64_t bytes = 0;
};

/// Where a writer goes on.
struct LogEnd {
  std::string log_id;                  ///< Empty for a new log.
  Seq last_seq = 0;                    ///< The last number used; 0 for a new log.
  std::vector<SizedSegment> segments;  ///< Oldest first.
  SegmentHeader header;                ///< The last segment's, where it is whole.
  bool whole_header = false;           ///< Without one the last segment cannot be gone on with.
  bool has_events = false;             ///< Whether the last segment has any.
};

/// Reads the end of the log, cuts a torn tail off, and fills `recovery`. Only the last segment is
/// read as a whole; older ones only as far as it does not say enough.
Result<LogEnd> RecoverLog(FileSystem& files, const std::string& directory, LogRecovery& recovery);

}  // namespace broker
