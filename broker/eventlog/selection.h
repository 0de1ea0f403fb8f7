#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "event/event.h"
#include "eventlog/line.h"
#include "eventlog/segment_index.h"

namespace broker {

/// Which events a reader is to hand out. What the start of a line, or a segment's index, tells is
/// asked first: what is not wanted is then neither checked nor decoded, nor is damage in it told.
/// A value; the functions are called on the thread that reads.
struct LogSelection {
  std::function<bool(std::string_view type)> type;         ///< Null: every type.
  int64_t since_us = std::numeric_limits<int64_t>::min();  ///< UTC microseconds, both inclusive.
  int64_t until_us = std::numeric_limits<int64_t>::max();
  std::function<bool(const Event& event)> event;  ///< Is asked last. Null: all of them.
};

/// Applies a selection. Immutable.
class LogSelector {
 public:
  LogSelector() = default;
  explicit LogSelector(LogSelection selection);

  /// Whether every event is wanted.
  [[nodiscard]] bool IsAll() const { return !by_head_ && !selection_.event; }

  /// Whether a line that begins so may be wanted.
  [[nodiscard]] bool MayWant(const LineHead& head) const {
    return InTime(head) && (!selection_.type || selection_.type(head.type));
  }

  /// Whether it is of a time that is wanted.
  [[nodiscard]] bool InTime(const LineHead& head) const {
    return !by_time_ || (head.time >= since_ && head.time <= until_);
  }

  /// Whether a segment with this index may have events that are wanted.
  [[nodiscard]] bool MayWant(const SegmentIndex& index) const;

  [[nodiscard]] bool Wants(const Event& event) const;

  /// Whether MayWant of a head says anything.
  [[nodiscard]] bool ByHead() const { return by_head_; }
  /// Whether MayWant of an index says anything.
  [[nodiscard]] bool ByTime() const { return by_time_; }

 private:
  LogSelection selection_;
  std::string since_;  // As they stand in lines, which are in order of time as texts.
  std::string until_;
  bool by_time_ = false;
  bool by_head_ = false;
};

}  // namespace broker
