#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "event/event.h"
#include "eventlog/holes.h"
#include "eventlog/line.h"

namespace broker {

/// Notes which numbers a reader of the log has not met, until a log.gap behind them names them. A
/// value; not thread-safe.
class MissingNumbers {
 public:
  /// From now on holes count only before lines whose heads are `wanted`. Null (as at first): all.
  void CountIf(std::function<bool(const LineHead&)> wanted) { wanted_ = std::move(wanted); }

  /// Of what is before `seq` nothing is asked. Forgets what is missing.
  void BeginAt(Seq seq);

  /// A line that cannot be read, where `expected` was due.
  void TakeDamaged(Seq expected) { damaged_ += expected >= due_ ? 1 : 0; }

  /// A line of the log. Lines that were read before may come again.
  void Take(Seq seq, std::string_view line) {
    if (seq < due_) return;
    if (seq > due_) Note(seq, line);
    due_ = seq + 1;
    damaged_ = 0;
    if (open_) TakeGap(line);
  }

  /// The holes that begin before `end` and that nothing accounts for so far, in order; they are
  /// forgotten.
  [[nodiscard]] std::vector<SeqRange> TakeUnrecorded(Seq end);

 private:
  void Note(Seq seq, std::string_view line);
  void TakeGap(std::string_view line);

  std::function<bool(const LineHead&)> wanted_;
  Seq begin_ = 0;
  Seq due_ = 0;
  uint64_t damaged_ = 0;  // Lines that could not be read since the last one that could.
  bool open_ = false;     // There are holes, which a log.gap may name.
  Holes holes_;
};

}  // namespace broker
