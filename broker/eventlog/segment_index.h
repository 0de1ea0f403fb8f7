#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/event.h"
#include "event/status.h"
#include "eventlog/file_system.h"
#include "eventlog/segments.h"

namespace broker {

/// What the file beside a closed segment says of it, so that a reader need not look into it. A
/// cache: what it says can be found by reading the segment, and it goes with it. FORMAT.md.
struct SegmentIndex {
  Seq first_seq = 0;    ///< The number in the segment's name.
  Seq last_seq = 0;     ///< The last event's; 0 = there is none.
  uint64_t events = 0;  ///< How many lines of the segment are events.
  uint64_t bytes = 0;   ///< The segment file's size; another size, and the index is ignored.
  int64_t min_time_us =
      0;  ///< The earliest and the latest time among the events; UTC microseconds.
  int64_t max_time_us = 0;

  friend bool operator==(const SegmentIndex&, const SegmentIndex&) = default;
};

/// Counts one more event, the last one so far.
void AddTo(SegmentIndex& index, Seq seq, int64_t time_us);

/// "events-00000000000000000042.index": the file beside the segment whose name has this number.
[[nodiscard]] std::string IndexName(Seq first);

/// The number in an index file's name; nullopt for any other file's name.
[[nodiscard]] std::optional<Seq> ParseIndexName(std::string_view name);

/// Appends the index's line to `out`, without a newline. Thread-safe.
void EncodeIndex(std::string& out, const SegmentIndex& index);

/// The index of a line, checksum included. kCorrupt with a few words for a line that is none, or
/// contradicts itself; kInvalid for one of a newer major version. Thread-safe.
[[nodiscard]] Result<SegmentIndex> DecodeIndex(std::string_view line);

/// Reads the index of `segment`. kNotFound when there is none, else as DecodeIndex, and kCorrupt
/// when it is another segment's. Whether its size is the segment's is the caller's to see.
[[nodiscard]] Result<SegmentIndex> LoadIndex(FileSystem& files, const std::string& directory,
                                             const Segment& segment);

/// The index of `segment` if it can be relied on: whole, and made when the file was as it is.
[[nodiscard]] std::optional<SegmentIndex> FindIndex(FileSystem& files, const std::string& directory,
                                                    const Segment& segment);

}  // namespace broker
