#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin_host/cause.h"
#include "usher/ext/timer.h"

namespace broker {

/// One instance's timers. Knows no clock: times are monotonic microseconds of whoever calls.
///
/// Not thread-safe; call from the plugin's thread.
class PluginTimers {
 public:
  /// What is to be called. `callback` and `context` are the plugin's.
  struct Call {
    usher_timer_callback callback = nullptr;
    void* context = nullptr;
    Cause cause;  ///< What was at hand when the timer was started.
  };
  /// One timer that is due.
  struct Due {
    usher_timer timer = 0;
    int64_t at_us = 0;  ///< When it was to be called.
    Call call;
  };

  /// As usher/ext/timer.h says; on failure `why` is set to a sentence.
  usher_status Start(int64_t now_us, int64_t delay_us, int64_t period_us, const Call& call,
                     usher_timer& timer, std::string& why);
  usher_status Cancel(usher_timer timer);

  [[nodiscard]] bool Any() const { return !entries_.empty(); }
  /// When the first one is due; nullopt if there is none.
  [[nodiscard]] std::optional<int64_t> NextAt() const;

  /// Takes the first one that is due at `now_us`. A periodic one stays, for the first of its times
  /// that is not over yet.
  [[nodiscard]] std::optional<Due> TakeDue(int64_t now_us);

 private:
  struct Entry {
    Due due;
    int64_t period_us = 0;
  };
  using Entries = std::vector<Entry>;

  [[nodiscard]] Entries::const_iterator First() const;

  Entries entries_;  ///< In the order they were started; few enough to be searched.
  usher_timer last_ = 0;
};

}  // namespace broker
