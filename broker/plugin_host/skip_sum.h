#pragma once

#include <cstdint>
#include <optional>

#include "event/event.h"

namespace broker {

/// Sums up plugin.skipped events that are too many to be made one by one: what is skipped is told
/// exactly all the same.
///
/// Not thread-safe.
class SkipSum {
 public:
  /// One that is not made; events of other types are passed over.
  void Add(const Event& skipped);

  /// One plugin.skipped for all that were added since the last time: from the first to the last,
  /// with the number of `ranges`, and of the `events` in them. nullopt: there were none.
  [[nodiscard]] std::optional<Event> Take(Timestamp now);

 private:
  std::optional<Event> first_;
  Seq from_ = 0;
  Seq to_ = 0;
  uint64_t ranges_ = 0;
  uint64_t events_ = 0;
};

}  // namespace broker
