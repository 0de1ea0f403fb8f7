#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/event.h"
#include "event/status.h"
#include "eventlog/file_system.h"

namespace broker {

/// The file `reserved` in the log's directory: numbers below the one in it may have been given to
/// events that never reached a segment, so they are not given again. FORMAT.md.
///
/// Not thread-safe.
class Reservation {
 public:
  /// `files` must outlive this.
  Reservation(FileSystem& files, const std::string& directory);

  /// The first number that is free for sure; kNotFound where there is no such file, kCorrupt where
  /// it is damaged.
  [[nodiscard]] Result<Seq> Read() const;

  /// The same; nullopt where it is not known, or not what a log whose next number is `next` says.
  [[nodiscard]] std::optional<Seq> Load(Seq next) const;

  /// Whether a log whose next number is `next` may have reserved all below `end`.
  [[nodiscard]] static bool IsBelievable(Seq end, Seq next);

  /// Durably reserves all numbers below `end`; needs no space once the file is there. What has its
  /// name and is no file is replaced; kInvalid for a folder, which cannot be. Makes the directory
  /// where that is gone.
  Status Save(Seq end) const;

  /// The same for what Save has saved before: writes only where the file no longer says it.
  Status Keep(Seq end) const;

  /// How many numbers are reserved at a time.
  static constexpr Seq kBlock = 4096;

 private:
  FileSystem& files_;
  const std::string directory_;
  const std::string path_;
};

}  // namespace broker
