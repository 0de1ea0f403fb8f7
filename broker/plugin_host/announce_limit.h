#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "event/mutex.h"
#include "plugin_host/announcer.h"
#include "plugin_host/skip_sum.h"

namespace broker {

/// Keeps one instance from flooding the log: of each type of event that it causes, so many pass in
/// a minute, and none whose chain would be too long. The rest are counted, and told by one
/// `suppressed` event when the minute is over, what was skipped also by one plugin.skipped.
///
/// Minutes are those of the monotonic time in the events. Each instance has its own.
/// Thread-safe.
class AnnounceLimit {
 public:
  static constexpr uint32_t kPerMinute = 60;
  static constexpr int64_t kMinuteUs = 60'000'000;

  /// `announcer` must outlive this. `instance` stands in the `suppressed` event.
  AnnounceLimit(Announcer& announcer, std::string instance);

  /// Whether it passes.
  bool Announce(Event event);
  /// The same where the minute is that of `now`, and so many pass in one.
  bool Announce(Event event, Timestamp now, uint32_t per_minute);

  /// When Tell will have something to tell, if nothing else is announced: a monotonic time; nullopt
  /// while nothing is suppressed.
  [[nodiscard]] std::optional<int64_t> TellAt() const;
  /// Tells what was suppressed in minutes that are over at `now`.
  void Tell(Timestamp now);
  /// Tells all that was suppressed, at the end of the instance.
  void TellAll(Timestamp now);

 private:
  struct Minute {
    int64_t begin_us = 0;
    uint32_t passed = 0;
    uint64_t suppressed = 0;
  };

  [[nodiscard]] static bool IsOver(const Minute& minute, Timestamp now);
  void Tell(const std::string& type, Minute& minute, Timestamp now) USHER_REQUIRES(mutex_);

  Announcer& announcer_;
  const std::string instance_;
  mutable Mutex mutex_;
  std::map<std::string, Minute> minutes_ USHER_GUARDED_BY(mutex_);  ///< By the type's name.
  SkipSum skips_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
