#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event/event.h"
#include "eventlog/defect.h"

namespace broker {

/// A run of numbers, both ends included.
struct SeqRange {
  Seq from = 0;
  Seq to = 0;

  friend bool operator==(const SeqRange&, const SeqRange&) = default;
};

/// "event 5 is missing", "events 5 to 7 are missing".
[[nodiscard]] std::string Missing(const SeqRange& range);

/// "events 5 to 7 are no longer in the log".
[[nodiscard]] std::string NoLongerThere(const SeqRange& range);

/// What a log.gap says: the numbers that were given up; nullopt when it does not say so.
[[nodiscard]] std::optional<SeqRange> RangeOf(const Event& log_gap);

/// The holes in a log's numbers, until something behind them accounts for them. A value; not
/// thread-safe.
class Holes {
 public:
  /// Numbers that are missing before the line `at`, of which `damaged` may stand in damaged lines.
  void Add(const SeqRange& range, uint64_t damaged, LogDefect at);

  /// Takes out what a log.gap names; false, and nothing is taken out, where that is not missing.
  bool Record(const SeqRange& range);

  /// The holes that nothing accounts for, in order of their numbers.
  [[nodiscard]] std::vector<LogDefect> Unrecorded() const;
  /// Their numbers only.
  [[nodiscard]] std::vector<SeqRange> UnrecordedRanges() const;
  /// The same of those that begin before `end`, which are forgotten.
  [[nodiscard]] std::vector<SeqRange> TakeUnrecordedBefore(Seq end);

  [[nodiscard]] bool Empty() const { return holes_.empty(); }

 private:
  struct Hole {
    std::vector<SeqRange> left;  // In order.
    uint64_t damaged = 0;
    LogDefect at;
  };

  std::map<Seq, Hole> holes_;  // By their first number.
};

}  // namespace broker
