#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace broker {

/// Numbered events with the lines that stand for them in the log: what is written, delivered and
/// kept in memory as one piece. A value; immutable once it is shared.
struct Batch {
  std::vector<Event> events;                   ///< In the order of seq, without holes; never empty.
  std::string text;                            ///< Their lines, a NUL behind each.
  std::vector<uint32_t> ends;                  ///< Where in `text` each line ends.
  std::shared_ptr<const std::string> boot_id;  ///< The boot that their monotonic times count in.

  [[nodiscard]] Seq First() const { return events.front().seq; }
  [[nodiscard]] Seq Last() const { return events.back().seq; }

  /// The line of `events[index]`; a NUL follows. Valid as long as the batch is.
  [[nodiscard]] std::string_view Line(size_t index) const {
    const size_t begin = index == 0 ? 0 : ends[index - 1] + 1;
    return std::string_view(text).substr(begin, ends[index] - begin);
  }

  /// What it takes of memory, about. The sessions that events share are not counted.
  [[nodiscard]] size_t Bytes() const { return text.capacity() + events.size() * sizeof(Event); }
};

/// Shared by the writer, the ring and all lanes that are reading it.
using BatchRef = std::shared_ptr<const Batch>;

/// Numbers `events` from `first` on and encodes them. `boot_id` as in Batch.
/// `expected_bytes`: about how much text they will be.
[[nodiscard]] BatchRef MakeBatch(std::vector<Event> events, Seq first,
                                 std::shared_ptr<const std::string> boot_id,
                                 size_t expected_bytes = 0);

/// Appends the batch's lines to `out` as they stand in a file: a newline behind each.
void AppendLines(std::string& out, const Batch& batch);

}  // namespace broker
