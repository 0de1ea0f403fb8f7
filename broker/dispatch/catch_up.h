#pragma once

#include <functional>
#include <optional>
#include <string>

#include "event/status.h"
#include "eventlog/reader.h"
#include "eventlog/stored_event.h"

namespace broker {

/// Which stored events are too old for an instance that starts; both apply up to `through` only.
struct StartLimits {
  std::string boot_id;    ///< Events of another boot are skipped; empty = of none.
  int64_t oldest_us = 0;  ///< Events of an earlier UTC time are skipped.
  Seq through = 0;        ///< The log's end when the instance started.
};

/// Reads a lane's events from the log's files, where its cursor is too far behind for the queue.
/// Not thread-safe; the lane's worker owns it.
class CatchUp {
 public:
  /// Told about each range that is not handed out, in order.
  using OnSkipped = std::function<void(Seq from, Seq to, const std::string& reason)>;

  /// Begins behind `cursor`. `files` must outlive this.
  CatchUp(FileSystem& files, const std::string& directory, Seq cursor, StartLimits limits,
          OnSkipped on_skipped);

  /// The next event up to `last`, which must be committed; null once all of them were handed out or
  /// skipped (as damaged, lost, removed by retention, or too old). The event is valid until the
  /// next call. After an error the call may be repeated.
  Result<const StoredEvent*> Next(Seq last);

  /// Everything up to here was handed out or skipped.
  [[nodiscard]] Seq Through() const { return through_; }

 private:
  Status SeekIfNeeded();
  Result<bool> Fetch();
  void SkipHole(Seq from, Seq to);
  [[nodiscard]] Seq OldestInLog();
  [[nodiscard]] const char* ReasonToSkip(const StoredEvent& event) const;
  void Skip(Seq from, Seq to, const char* reason);
  void ReportSkipped();

  FileSystem& files_;
  const std::string directory_;
  LogReader reader_;
  const StartLimits limits_;
  const OnSkipped on_skipped_;
  Seq through_;
  bool sought_ = false;
  StoredEvent event_;  ///< The last one that was read.
  bool held_ = false;  ///< It was read, but was beyond the bound asked for.

  struct Skipped {
    Seq from;
    Seq to;
    std::string reason;
  };
  std::optional<Skipped> skipped_;
};

}  // namespace broker
