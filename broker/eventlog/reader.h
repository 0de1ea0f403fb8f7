#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "event/status.h"
#include "eventlog/defect.h"
#include "eventlog/file_system.h"
#include "eventlog/holes.h"
#include "eventlog/selection.h"
#include "eventlog/stored_event.h"

namespace broker {

/// A cursor over the log's files: used by lanes and tail alike. Reads while another process writes;
/// a last line that is not complete yet is simply not there yet. No event is handed out twice or
/// before an earlier one, even if its segment is replaced, or the directory removed and begun anew:
/// reading goes on behind the last event handed out. Only in a log of another id numbers begin
/// anew.
///
/// Not thread-safe; each reader has its own.
class LogReader {
 public:
  enum class Next { kEvent, kEnd };

  /// `files` must outlive the reader. Damaged lines are skipped and told to `on_defect` (may be
  /// null).
  LogReader(FileSystem& files, std::string directory, OnDefect on_defect = {});
  ~LogReader();
  LogReader(LogReader&&) noexcept;
  LogReader& operator=(LogReader&&) noexcept;

  /// Hands out, and counts in SeekLast, only these events from now on; all of them before.
  void Select(LogSelection selection);

  /// Hands out no event behind `last` from now on: it is as if the log ended there, until the bound
  /// is set anew.
  void EndAt(Seq last);

  /// Is asked now and then, once a segment at least: true makes Read and SeekLast come to an end
  /// early, as if the log ended there. Null (as at first): never.
  void GiveUpWhen(std::function<bool()> wanted);

  /// Is told, each time that reading has come to the log's present end, of the numbers up to there
  /// that are not in the log and that no log.gap names: each once, in order. Nothing is said of
  /// what is before the place where reading began, of a time that is not wanted, or in damaged
  /// lines. To be set before the first Seek.
  void TellOfMissing(std::function<void(const SeqRange&)> on_missing);

  /// Goes to the first event whose seq is at least `seq`, which may not be there yet. kNotFound
  /// when there is no log, kInvalid when a newer version wrote it.
  Status Seek(Seq seq);

  /// Goes behind all but the last `count` events, reading backwards by segments. Fails as Seek
  /// does.
  Status SeekLast(uint64_t count);

  /// Reads the next event into `out`. kEnd: none is there yet; ask again when the log has grown.
  /// Follows into newer segments by itself; goes on with the oldest kept one if retention overtook
  /// it, and waits for a new log if this one was removed. Before the first Seek it begins with the
  /// oldest event.
  Result<Next> Read(StoredEvent& out);

  /// Only events from this one on will be handed out.
  [[nodiscard]] Seq Position() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace broker
