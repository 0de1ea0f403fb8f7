#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "event/status.h"
#include "eventlog/codec.h"
#include "eventlog/file_system.h"
#include "eventlog/segments.h"

namespace broker {

/// The segment that is being written. It only ever holds whole blocks: a block that could not be
/// written and synced is taken back, and where that fails, too, nothing more is written behind it.
///
/// Not thread-safe.
class ActiveSegment {
 public:
  /// Makes the segment's file, header included, all at once and durably. It replaces a file of that
  /// name.
  static Result<std::unique_ptr<ActiveSegment>> Create(FileSystem& files,
                                                       const std::string& directory,
                                                       const SegmentHeader& header);

  /// Goes on with a file that ends with a whole line.
  static Result<std::unique_ptr<ActiveSegment>> Continue(FileSystem& files,
                                                         const std::string& directory,
                                                         const Segment& segment, bool has_events);

  /// Appends and syncs a block of whole lines. On failure it is taken back, and `*visible` bytes of
  /// it may have been seen by a reader. kCorrupt, nothing written: the file is not what was left
  /// behind, because another process changed or removed it.
  Status Append(std::string_view block, size_t* visible);

  /// Whether more may be appended.
  [[nodiscard]] bool Usable() const { return usable_; }
  void Abandon() { usable_ = false; }

  [[nodiscard]] bool HasEvents() const { return has_events_; }
  [[nodiscard]] uint64_t Bytes() const { return file_->Size(); }
  [[nodiscard]] const Segment& File() const { return segment_; }

 private:
  ActiveSegment(Segment segment, std::unique_ptr<AppendFile> file, bool has_events);

  const Segment segment_;
  const std::unique_ptr<AppendFile> file_;
  bool has_events_;
  bool usable_ = true;
};

}  // namespace broker
