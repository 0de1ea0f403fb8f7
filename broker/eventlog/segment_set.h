#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/machine.h"
#include "event/status.h"
#include "eventlog/active_segment.h"
#include "eventlog/file_system.h"
#include "session/session_table.h"

namespace broker {

/// When a segment is closed and when it goes. Times in microseconds, 0 = never.
struct SegmentLimits {
  std::string directory;
  uint64_t segment_bytes = 16ULL << 20U;  ///< A segment is closed before it grows beyond this.
  uint64_t total_bytes = 1ULL << 30U;     ///< Oldest segments go when all have more than this.
  int64_t segment_age_us = 0;  ///< It is also closed when the next event is this much younger.
  int64_t total_age_us = 0;    ///< Segments go whose last event is this much older than the newest.
};

/// A segment that nobody writes to any more, and how large it is.
struct ClosedSegment {
  Seq first = 0;
  uint64_t bytes = 0;
  /// The latest time among its events; the largest number there is where that is not known.
  int64_t max_time_us = std::numeric_limits<int64_t>::max();
  Seq first_event = 0;  ///< See ActiveSegment::FirstEvent.
};

/// What makes durable all that was written until it was made. Done once, on a thread that may hang.
struct SyncWork {
  std::vector<std::shared_ptr<AppendFile>> closed;  ///< To be synced, spare room given back.
  std::vector<SegmentIndex> indexes;                ///< Theirs, to be written.
  std::vector<std::shared_ptr<AppendFile>> left;    ///< Not as this writer left them; to be synced.
  std::vector<std::shared_ptr<AppendFile>> spare;   ///< Only their spare room is given back.
  std::shared_ptr<AppendFile> active;               ///< To be synced; may be null.
  bool directory = false;                           ///< New names are to be synced, too.

  [[nodiscard]] bool Empty() const {
    return closed.empty() && left.empty() && spare.empty() && indexes.empty() &&
           active == nullptr && !directory;
  }
};

/// Gives back what was reserved behind their ends: nothing more is written to them. Where that is
/// not possible, the next start does it.
void GiveBackRoom(const std::vector<std::shared_ptr<AppendFile>>& files);

/// Does it. Index files are caches: one that cannot be written is left out.
Status Perform(FileSystem& files, const std::string& directory, const SyncWork& work);

/// The log's directory as its writer sees it: the segment at work, and the closed ones.
///
/// Not thread-safe: the disk's thread has it while a job is at hand, else the pipeline's. Beginning
/// a segment, appending and trimming wait for the disk; syncing does not happen here: see SyncWork.
class SegmentSet {
 public:
  /// `files` must outlive this.
  SegmentSet(FileSystem& files, SegmentLimits limits) : files_(files), limits_(std::move(limits)) {}

  /// What was found at start: the closed segments, oldest first.
  void Restore(std::vector<ClosedSegment> closed);
  /// One of them has no index yet.
  void NoteIndex(const SegmentIndex& index) { work_.indexes.push_back(index); }
  /// Goes on with a segment that ends with a whole line.
  Status Continue(const SegmentIndex& index, int64_t created_us);

  /// Whether `bytes` more, the next event being of this UTC time, need a segment of their own, once
  /// `before` are written that do not.
  [[nodiscard]] bool NeedsNew(size_t before, size_t bytes, int64_t time_us) const;

  /// Closes the segment at work, and begins the next one with this header. Segments that begin with
  /// the same number or a later one are removed: all in them will be written again. On failure
  /// nothing was begun, and one of these that could not be removed is there still.
  Status Begin(const SegmentHeader& header);

  /// See ActiveSegment::Append. There must be a segment.
  Status Append(std::string_view text, const Batch& batch);

  /// What is on the disk of all that was not synced is not known: nothing more is written to the
  /// segment at work, and none of it is synced. The next one is to begin with this number at the
  /// latest: then it takes the place of all that have no event up to `synced`.
  [[nodiscard]] Seq Abandon(Seq synced);

  /// Ends all writing. The files are those whose room is to be given back.
  [[nodiscard]] std::vector<std::shared_ptr<AppendFile>> End();

  /// The number in the name of the segment at work; 0 = there is none.
  [[nodiscard]] Seq ActiveFirst() const { return active_ ? active_->First() : 0; }

  /// Whether the segment at work was left with bytes behind its known end: a write failed half way,
  /// and so did cutting that off.
  [[nodiscard]] bool HasLeftovers() const { return active_ && !active_->Usable(); }

  /// Takes what is to be synced; of the segment at work only if `with_active`. Indexes that are not
  /// taken wait for the next time.
  [[nodiscard]] SyncWork TakeSyncWork(bool with_active, bool with_indexes);
  /// Whether something is to be done for closed segments.
  [[nodiscard]] bool HasClosedWork(bool with_indexes) const {
    const bool indexes = with_indexes && !work_.indexes.empty();
    return !work_.closed.empty() || !work_.left.empty() || work_.directory || indexes;
  }

  /// A segment was begun for an event of this UTC time: one that is too old as seen from it is to
  /// go.
  void SetNewest(int64_t newest_us) { newest_us_ = newest_us; }

  /// Removes oldest segments while all together are too large, by a segment more where closed ones
  /// have events behind `synced`: the oldest are all that a lost power would leave. The one that
  /// is too old waits until there are none. Fails where one that should go cannot be removed; it is
  /// tried again the next time.
  Status Trim(Seq synced);

 private:
  [[nodiscard]] uint64_t MostBytes() const {
    return std::min(limits_.segment_bytes, limits_.total_bytes);
  }
  void Close();
  Status RemoveBehind(Seq first);
  void ForgetLast();
  void RemoveIndex(Seq first);
  [[nodiscard]] bool TooOld(int64_t newest_us) const;
  Status RemoveOldest();

  FileSystem& files_;
  const SegmentLimits limits_;
  std::unique_ptr<ActiveSegment> active_;
  std::vector<ClosedSegment> closed_;  ///< Oldest first.
  uint64_t closed_bytes_ = 0;
  std::optional<int64_t> newest_us_;  ///< Until the one that is too old has gone.
  SyncWork work_;
};

}  // namespace broker
