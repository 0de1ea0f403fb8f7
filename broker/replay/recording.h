#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "event/status.h"
#include "eventlog/codec.h"
#include "eventlog/file_system.h"
#include "eventlog/holes.h"
#include "eventlog/reader.h"

namespace broker {

/// A log that was recorded before, from its oldest event to its newest. It is only read, and may be
/// one that another broker writes to: it ends where it ends when that is reached.
///
/// Not thread-safe.
class Recording {
 public:
  /// kNotFound where there is no log, kCorrupt where its first header is damaged and so neither the
  /// machine nor who was logged on is known, kInvalid where a newer version wrote it. `files` must
  /// outlive the recording; damaged lines are left out and told to `on_defect`, and numbers that
  /// are missing, once the end is reached, to `on_missing`.
  static Result<std::unique_ptr<Recording>> Open(FileSystem& files, const std::string& directory,
                                                 OnDefect on_defect,
                                                 std::function<void(const SeqRange&)> on_missing);

  /// Which machine and boot it begins in, and the sessions there were.
  [[nodiscard]] const SegmentHeader& Beginning() const { return beginning_; }

  /// When it begins, on both clocks of that boot: the time of its first event.
  [[nodiscard]] Timestamp Start() const;

  /// How many lines were damaged so far, and left out.
  [[nodiscard]] uint64_t Damaged() const { return *damaged_; }

  /// How many holes it has, as far as is known: once its end is reached.
  [[nodiscard]] uint64_t Holes() const { return *holes_; }

  /// The next event, valid until the call after; nullptr at the end. kNotFound where it has become
  /// shorter than it was when it was opened.
  Result<const StoredEvent*> Next();

 private:
  Recording(SegmentHeader beginning, Seq end, FileSystem& files, const std::string& directory,
            OnDefect on_defect, std::function<void(const SeqRange&)> on_missing);

  const SegmentHeader beginning_;
  const Seq end_;  ///< The last event that it had when it was opened; 0 for none.
  const std::shared_ptr<uint64_t> damaged_ = std::make_shared<uint64_t>(0);  ///< The reader's, too.
  const std::shared_ptr<uint64_t> holes_ = std::make_shared<uint64_t>(0);    ///< Likewise.
  LogReader reader_;
  StoredEvent event_;
  bool ahead_ = false;  ///< `event_` was read, but not handed out.
};

}  // namespace broker
