#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "plugin_host/announcer.h"

namespace broker {

/// Keeps one instance from flooding the log: of each type of event that it causes, so many pass in
/// a minute; the rest are counted and told by one `suppressed` event before the next one that
/// passes.
///
/// Not thread-safe; each instance has its own, used by its thread.
class AnnounceLimit {
 public:
  static constexpr uint32_t kPerMinute = 60;
  static constexpr int64_t kMinuteUs = 60'000'000;

  /// `announcer` must outlive this. `instance` stands in the `suppressed` event.
  AnnounceLimit(Announcer& announcer, std::string instance);

  void Announce(Event event);

 private:
  struct Minute {
    int64_t begin_us = 0;
    uint32_t passed = 0;
    uint64_t suppressed = 0;
  };

  Announcer& announcer_;
  const std::string instance_;
  std::array<Minute, static_cast<size_t>(EventType::kCount)> by_type_;
};

}  // namespace broker
