#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "event/status.h"
#include "eventlog/batch.h"
#include "eventlog/codec.h"
#include "eventlog/file_system.h"
#include "eventlog/segment_index.h"
#include "eventlog/segments.h"

namespace broker {

/// The segment that is being written. A batch that could not be written as a whole is taken back;
/// where that fails, too, nothing more is written behind it.
///
/// Not thread-safe, except that File() may be synced on another thread.
class ActiveSegment {
 public:
  /// Makes the segment's file with its header, and takes the disk's space for `reserve` bytes if it
  /// has them. Another file of that name is removed. Neither file nor name are synced.
  static Result<std::unique_ptr<ActiveSegment>> Create(FileSystem& files,
                                                       const std::string& directory,
                                                       const SegmentHeader& header,
                                                       uint64_t reserve);

  /// Goes on with a file that ends with a whole line; `index` says what is in it. Space as above.
  static Result<std::unique_ptr<ActiveSegment>> Continue(FileSystem& files,
                                                         const std::string& directory,
                                                         const SegmentIndex& index,
                                                         int64_t created_us, uint64_t reserve);

  /// Appends the lines of `batch`, which are `text`. On failure they are taken back. kCorrupt,
  /// nothing written: the file is not what was left behind, another process changed or removed it.
  Status Append(std::string_view text, const Batch& batch);

  /// Whether more may be appended.
  [[nodiscard]] bool Usable() const { return usable_; }
  /// What is on the disk of it is not known: nothing more is written to it, nor is it synced.
  void Abandon();
  /// Whether it may be synced.
  [[nodiscard]] bool Syncable() const { return syncable_; }
  /// Whether room may be left behind its end that is nobody's.
  [[nodiscard]] bool HasSpareRoom() const { return spare_room_; }

  [[nodiscard]] bool HasEvents() const { return index_.events != 0; }
  [[nodiscard]] uint64_t Bytes() const { return file_->Size(); }
  [[nodiscard]] Seq First() const { return index_.first_seq; }
  /// None of its events has a lower number; the largest number there is while it has none.
  [[nodiscard]] Seq FirstEvent() const { return first_event_; }
  [[nodiscard]] int64_t CreatedUs() const { return created_us_; }
  [[nodiscard]] const std::shared_ptr<AppendFile>& File() const { return file_; }
  /// What its index file will say when it is closed now.
  [[nodiscard]] SegmentIndex Index() const;

 private:
  ActiveSegment(SegmentIndex index, int64_t created_us, std::shared_ptr<AppendFile> file);

  SegmentIndex index_;
  Seq first_event_;
  const int64_t created_us_;
  const std::shared_ptr<AppendFile> file_;
  bool usable_ = true;
  bool syncable_ = true;
  bool spare_room_ = true;
};

}  // namespace broker
