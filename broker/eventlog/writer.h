#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "event/event.h"
#include "event/machine.h"
#include "event/status.h"
#include "eventlog/file_system.h"
#include "eventlog/stored_event.h"
#include "session/session_table.h"

namespace broker {

struct LogOptions {
  std::string directory;
  uint64_t segment_bytes = 16ULL << 20U;  ///< A segment is closed once it is this large.
  uint64_t total_bytes = 1ULL << 30U;     ///< Oldest segments go when all have more than this.
};

/// What the writer found in the directory when it was opened.
struct LogRecovery {
  SessionSnapshot sessions;    ///< The fold of the last segment.
  std::string boot_id;         ///< The last segment's boot; empty for a new log.
  int64_t last_time_us = 0;    ///< UTC time of the last event; 0 for a new log.
  bool clean_end = false;      ///< No broker.started came behind the last broker.stopping.
  uint64_t torn_bytes = 0;     ///< Bytes of an incomplete last line that were cut off.
  std::string torn_file;       ///< The segment they were cut from.
  uint64_t damaged_lines = 0;  ///< Damaged lines skipped inside the last segment.
};

/// Appends events to the log: numbers, encodes, writes and syncs them a batch at a time.
/// FORMAT.md describes the files; format.h has its constants. It takes no lock: that no second
/// writer is at work on the directory is the caller's to see to.
///
/// Not thread-safe; call from the pipeline thread.
class LogWriter {
 public:
  /// Opens or creates the log, cuts a torn tail, and starts a segment where the boot changed.
  /// `files` must outlive the writer. `recovery` is set on success. Fails when the directory cannot
  /// be made, read or written, and with kInvalid when a newer version wrote the log.
  static Result<std::unique_ptr<LogWriter>> Open(FileSystem& files, LogOptions options,
                                                 const Machine& machine, LogRecovery& recovery);
  ~LogWriter();

  /// Numbers `events` in order, appends them with one write and one sync, and returns them as
  /// stored. `sessions` answers the table before these events; asked only when a segment begins
  /// with it.
  ///
  /// On failure nothing was appended, and the numbers are not used up: the same events get the same
  /// numbers when they come again. Should other events come although a reader may have seen the
  /// first ones, their numbers are given up: the batch then begins with a log.gap {from, to}.
  Result<Batch> Append(std::vector<Event> events, const std::function<SessionSnapshot()>& sessions);

  /// The seq of the last event in the log; 0 for an empty one.
  [[nodiscard]] Seq LastSeq() const;

 private:
  class Impl;
  explicit LogWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace broker
