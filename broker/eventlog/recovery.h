#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event/status.h"
#include "eventlog/codec.h"
#include "eventlog/file_system.h"
#include "eventlog/holes.h"
#include "eventlog/segment_index.h"
#include "eventlog/segment_set.h"
#include "eventlog/segments.h"
#include "eventlog/writer.h"

namespace broker {

/// Where a writer goes on.
struct LogEnd {
  std::string log_id;          ///< Empty for a new log.
  Seq last_seq = 0;            ///< The last number that a line stands for; 0 for a new log.
  Seq next_seq = 1;            ///< No number below this one is free.
  std::vector<SeqRange> lost;  ///< Numbers up to last_seq that are missing and not recorded.
  bool synced = true;          ///< What is there is on the disk.
  std::vector<SegmentIndex> closed_unindexed;  ///< Of closed segments that have no index yet.
  std::vector<ClosedSegment> closed;           ///< Oldest first, the last one included.
  SegmentHeader header;                        ///< The last segment's, where it is whole.
  bool whole_header = false;  ///< Without one the last segment cannot be gone on with.
  SegmentIndex index;         ///< What is in the last segment.
};

/// Reads the end of the log, cuts a torn tail off, syncs what the last writer may not have synced,
/// and fills `recovery`. Only the last segment is read as a whole, and older ones that have no
/// index; else older ones only as far as it does not say enough.
Result<LogEnd> RecoverLog(FileSystem& files, const std::string& directory, LogRecovery& recovery);

/// The last event of a segment behind which, in this file, something is damaged or nothing comes;
/// 0 = there is none, or no such file.
Result<Seq> LastEventIn(FileSystem& files, const std::string& directory, const Segment& segment);

}  // namespace broker
