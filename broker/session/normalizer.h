#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "session/session_table.h"
#include "source/raw_event.h"

namespace broker {

/// Turns what a source says into events in the common vocabulary, by comparing it with the table.
/// Live changes and reconciliation are one mechanism: a snapshot is compared session by session,
/// and its differences are marked `reconciled`.
///
/// Not thread-safe; call from the pipeline thread.
class Normalizer {
 public:
  /// `table` must outlive this. `source` is the source's name, as it stands in its events.
  Normalizer(SessionTable& table, std::string boot_id, std::string source);

  /// Appends the events that `raw` amounts to, unnumbered; the table has them applied. Text is made
  /// valid UTF-8 and bounded here (see ToUtf8). Repetitions yield nothing.
  void Normalize(const RawEvent& raw, std::vector<Event>& out);

  /// The end of every session of another boot than this one: reconciled logoff and destroyed,
  /// reason "boot". To be called once, after the table was restored from the log.
  void EndForeignBoot(Timestamp now, std::vector<Event>& out);

 private:
  SessionTable& table_;
  const std::string boot_id_;
  const std::string source_;
  bool lost_ = false;
};

}  // namespace broker
