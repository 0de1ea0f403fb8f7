#pragma once

#include <cstdint>
#include <vector>

#include "event/event.h"

namespace broker {

/// Numbers that no line of the log has, both ends included.
struct Gap {
  Seq from = 0;
  Seq to = 0;
  const char* reason = "";  ///< Lives as long as the process.
};

/// The numbers that are missing in the log: those that are to be recorded by log.gap events, and
/// those that are recorded by such events as may still be lost themselves. Not thread-safe.
class Gaps {
 public:
  /// No line will have these numbers. What log.gap events among them recorded is to be recorded
  /// again. Returns how many of the numbers were not missing already.
  uint64_t GiveUp(Seq from, Seq to, const char* reason);

  /// Whether nothing is to be recorded.
  [[nodiscard]] bool Empty() const { return open_.empty(); }

  /// Whether every hole is recorded, and no such record can be lost any more.
  [[nodiscard]] bool Settled() const { return open_.empty() && recorded_.empty(); }

  /// The last number that was ever given up; 0 = none.
  [[nodiscard]] Seq Last() const { return last_; }

  /// What is to be recorded, in order: by one event each, numbered from `first` on.
  [[nodiscard]] std::vector<Gap> Record(Seq first);

  /// The events up to `through` cannot be lost any more.
  void Settle(Seq through);

 private:
  struct Recorded {
    Seq by = 0;
    Gap gap;
  };

  void Reopen(Seq from, Seq to);
  [[nodiscard]] std::vector<Gap> NotMissing(const Gap& gap) const;
  void Merge();

  std::vector<Gap> open_;  // In order.
  std::vector<Recorded> recorded_;
  Seq last_ = 0;
};

}  // namespace broker
