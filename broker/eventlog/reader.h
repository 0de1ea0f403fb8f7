#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "event/status.h"
#include "eventlog/file_system.h"
#include "eventlog/stored_event.h"

namespace broker {

/// A place in the log where a line could not be read.
struct LogDefect {
  std::string file;   ///< Segment file name.
  uint64_t line = 0;  ///< 1-based, the header is line 1.
  Seq expected = 0;   ///< The seq that was due there; 0 = unknown.
  std::string what;   ///< "checksum does not match", "not JSON", "longer than …", …
};

/// A cursor over the log's files: used by lanes, tail and verify alike. Reads while another process
/// writes; a last line that is not complete yet is simply not there yet.
///
/// Not thread-safe; each reader has its own.
class LogReader {
 public:
  using OnDefect = std::function<void(const LogDefect&)>;

  enum class Next { kEvent, kEnd };

  /// `files` must outlive the reader. Damaged lines are skipped and told to `on_defect` (may be null).
  LogReader(FileSystem& files, std::string directory, OnDefect on_defect = {});
  ~LogReader();
  LogReader(LogReader&&) noexcept;
  LogReader& operator=(LogReader&&) noexcept;

  /// Goes to the first event whose seq is at least `seq`. kNotFound when there is no log.
  Status Seek(Seq seq);

  /// Goes behind all but the last `count` events.
  Status SeekLast(uint64_t count);

  /// Reads the next event into `out`. kEnd: none is there yet; ask again when the log has grown.
  /// Follows into newer segments by itself; goes on with the oldest kept one if retention overtook it.
  Result<Next> Read(StoredEvent& out);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace broker
