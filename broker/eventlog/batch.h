#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "eventlog/batch_pool.h"
#include "eventlog/event_encoder.h"
#include "eventlog/reader_notes.h"

namespace broker {

/// Numbered events with the lines that stand for them in the log: what is written, delivered and
/// kept in memory as one piece. A value; immutable once others than the writer have it.
struct Batch {
  Batch() = default;
  /// Gives its memory back to `pool`, if there is one.
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::vector<Event> events;   ///< In the order of seq, without holes; never empty.
  std::string text;            ///< Their lines, `separator` behind each.
  char separator = '\n';       ///< A newline, as in a file, until it is shared: a NUL.
  std::vector<uint32_t> ends;  ///< Where in `text` each line ends.
  std::shared_ptr<const std::string> boot_id;  ///< The boot that their monotonic times count in.
  std::shared_ptr<BatchPool> pool;             ///< Null: its memory is its own.
  SharedNotes notes;                           ///< Its readers', made by the first of them.

  [[nodiscard]] Seq First() const { return events.front().seq; }
  [[nodiscard]] Seq Last() const { return events.back().seq; }

  /// The line of `events[index]`; a NUL follows once it is shared. Valid as long as the batch is.
  [[nodiscard]] std::string_view Line(size_t index) const {
    const size_t begin = index == 0 ? 0 : ends[index - 1] + 1;
    return std::string_view(text).substr(begin, ends[index] - begin);
  }

  /// Ends the lines for those who are handed them.
  void Share();

  /// What it takes of memory, about. Not counted: the events' sessions, and what readers note.
  [[nodiscard]] size_t Bytes() const { return text.capacity() + events.size() * sizeof(Event); }
};

/// Shared by the writer, the ring and all lanes that are reading it.
using BatchRef = std::shared_ptr<const Batch>;

/// Numbers `events` from `first` on and encodes them. `boot_id` and `pool` as in Batch.
/// `expected_bytes`: about how much text they will be.
[[nodiscard]] std::shared_ptr<Batch> MakeBatch(EventEncoder& encoder, std::vector<Event> events,
                                               Seq first,
                                               std::shared_ptr<const std::string> boot_id,
                                               size_t expected_bytes = 0,
                                               std::shared_ptr<BatchPool> pool = nullptr);

/// The batch's lines as they stand in a file, a newline behind each: its own text where that is so,
/// or else a copy, for which `room` is used. Valid as long as both are.
[[nodiscard]] std::string_view FileText(const Batch& batch, std::string& room);

}  // namespace broker
