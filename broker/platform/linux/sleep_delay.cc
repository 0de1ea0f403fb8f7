#include "platform/linux/sleep_delay.h"

#include <utility>

namespace broker {

Status SleepDelay::Take(LogindBus& bus) {
  Result<DelayInhibitor> taken = bus.Inhibit();
  if (taken.ok()) {
    inhibitor_ = std::move(taken).value();
    reported_us_ = 0;
    refused_ = false;
    return {};
  }
  if (taken.status().code() != StatusCode::kPermission) return taken.status();
  // None is given while the machine waits with one of ours: that must last.
  if (!inhibitor_.lock && !std::exchange(refused_, true)) {
    diagnostics_.Log(Severity::kWarning, "logind",
                     "the machine will not wait for the plugins before it sleeps or goes down: " +
                         taken.status().message());
  }
  return {};
}

int64_t SleepDelay::Begin(int64_t reported_us) {
  if (!inhibitor_.lock) return 0;
  reported_us_ = reported_us;
  return inhibitor_.max_us;
}

void SleepDelay::End(int64_t reported_us) {
  if (reported_us == reported_us_) inhibitor_.lock.reset();
}

}  // namespace broker
