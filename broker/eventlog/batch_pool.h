#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "event/event.h"
#include "event/mutex.h"
#include "eventlog/reader_notes.h"

namespace broker {

/// The lines of a batch, and where in the text each ends.
struct BatchLines {
  std::string text;
  std::vector<uint32_t> ends;
};

/// The memory of large batches that nobody reads any more, for those to come: in a storm it goes
/// round, instead of being carved up for small things between which nothing large fits any more.
///
/// Thread-safe: who lets go of a batch last gives its memory back.
class BatchPool {
 public:
  /// Batches of fewer events have memory of their own, just as much as they need: what a full one
  /// leaves would be far too large.
  static constexpr size_t kLeastEvents = 384;

  BatchPool();

  /// Empty, but with room if an old batch has left some.
  [[nodiscard]] std::vector<Event> TakeEvents();
  /// The same; its text may be the old one, to be written over: new room would be cleared first.
  [[nodiscard]] BatchLines TakeLines();
  /// Old notes, to be written over; null if there are none.
  [[nodiscard]] std::unique_ptr<ReaderNotes> TakeNotes();
  /// Keeps the room of all of them if there is not enough of it; `notes` may be null.
  void Give(std::vector<Event> events, BatchLines lines,
            std::unique_ptr<ReaderNotes> notes = nullptr) noexcept;
  /// Frees all there is.
  void Clear();

 private:
  static constexpr size_t kMost = 4;

  Mutex mutex_;
  std::vector<std::vector<Event>> events_ USHER_GUARDED_BY(mutex_);
  std::vector<BatchLines> lines_ USHER_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<ReaderNotes>> notes_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
