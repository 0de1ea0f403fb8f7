#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "event/status.h"
#include "eventlog/file_system.h"

namespace broker {

/// Walks over the lines of a file that may still grow, or be cut, while it is read. Memory is
/// bounded by the longest line that is allowed.
///
/// Not thread-safe.
class LineScanner {
 public:
  enum class Next {
    kLine,     ///< A complete line.
    kTooLong,  ///< A complete line that is longer than allowed; its text is not there.
    kEnd,      ///< No further complete line is there yet.
  };

  /// `file` must outlive the scanner.
  explicit LineScanner(const ReadFile& file);

  /// Goes to the next line; ask again after kEnd when the file has grown. An unfinished line is
  /// read anew each time, for its writer may take it back.
  Result<Next> Read(size_t max_bytes);

  /// The line, without its newline. Valid until the next Read.
  [[nodiscard]] std::string_view Line() const { return line_; }
  /// Which line it is, counted from 1.
  [[nodiscard]] uint64_t Number() const { return number_; }
  /// Where in the file it begins, in bytes.
  [[nodiscard]] uint64_t LineStart() const { return line_start_; }
  /// Where the next line begins.
  [[nodiscard]] uint64_t Offset() const { return offset_; }
  /// After kEnd: how many bytes of an unfinished line stand behind the last complete one.
  [[nodiscard]] uint64_t UnfinishedBytes() const { return unfinished_; }

 private:
  Next Take(size_t length, size_t max_bytes);
  void PassOver();
  Result<size_t> FillBuffer(size_t max_bytes);
  Result<Next> AtEnd();

  const ReadFile& file_;
  std::vector<char> buffer_;
  size_t begin_ = 0;    // In the buffer: the next line's first byte…
  size_t end_ = 0;      // …and the end of what was read.
  size_t scanned_ = 0;  // Up to here the buffer is known to have no newline.
  uint64_t offset_ = 0;
  uint64_t skipped_ = 0;  // Bytes of a line too long that were passed over so far.
  uint64_t line_start_ = 0;
  uint64_t number_ = 0;
  uint64_t unfinished_ = 0;
  std::string_view line_;
};

}  // namespace broker
