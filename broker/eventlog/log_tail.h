#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "event/status.h"
#include "eventlog/file_system.h"
#include "eventlog/holes.h"
#include "eventlog/segment_index.h"
#include "eventlog/segments.h"

namespace broker {

/// A segment of a log's tail.
struct TailSegment {
  SegmentIndex index;       ///< What is in it, but for the torn tail.
  uint64_t torn_bytes = 0;  ///< Of a line at its end that is not whole, though some are missing.
  bool whole = true;        ///< All else of it could be read, the header included.
};

/// The segments at a log's end that may have lost lines when the power went: the last one, and
/// those behind the last index. That is made once a segment is closed and synced, and whatever is
/// missing up to its end is recorded for good.
struct LogTail {
  std::vector<TailSegment> segments;  ///< Oldest first, the last one included.
  Seq last_seq = 0;  ///< The last number of the log that a line stands for; 0 = there is none.
  std::vector<SeqRange> lost;  ///< Numbers before that which no line has and no log.gap names.
};

/// Reads them. `segments` are all there are, oldest first; there must be one.
Result<LogTail> ReadTail(FileSystem& files, const std::string& directory,
                         const std::vector<Segment>& segments);

}  // namespace broker
