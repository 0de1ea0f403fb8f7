#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "event/event.h"
#include "event/mutex.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/instance_health.h"

namespace broker {

/// When an instance's timers are called: by the source's clock, and before the events that happened
/// later than they were due. In simulated time what happens to its agents takes its place between
/// them. The lane's worker's.
class TimerCalls {
 public:
  /// `call` calls one; `hear` what is heard of the instance's agents. All of it must outlive this.
  TimerCalls(Host& host, const InstanceHealth& health, bool simulated,
             std::function<void(const PluginTimers::Due&)> call, std::function<void()> hear)
      : host_(host),
        health_(health),
        simulated_(simulated),
        call_(std::move(call)),
        hear_(std::move(hear)) {}

  /// Calls what was due before the event happened; false where there can be nothing.
  bool CallBefore(const Event& event) {
    if (!simulated_ && !host_.Timers().Any()) return false;
    CallAt(event.time.monotonic_us);
    return true;
  }

  /// Calls what is due now; answers when there is something to do next.
  Condition::TimePoint Tend();

 private:
  /// Calls what was due before an event that happened then.
  void CallAt(int64_t event_us);
  /// Calls what is due at `now_us`; what that makes due may be left for later.
  void CallDue(int64_t now_us);
  /// Whether something has happened to an agent by then.
  bool Hear(int64_t until_us);
  /// Whether something could be due once more time has passed.
  [[nodiscard]] bool Waits() const;

  Host& host_;
  const InstanceHealth& health_;
  const bool simulated_;
  const std::function<void(const PluginTimers::Due&)> call_;
  const std::function<void()> hear_;
  int64_t clock_us_ = 0;  ///< A simulated clock when it was last looked at.
};

}  // namespace broker
