#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

usher_status Start(const usher_host* host, int64_t delay_us, int64_t period_us,
                   usher_timer_callback callback, void* context, usher_timer* timer,
                   usher_error* error) noexcept {
  return OnPluginThread(host, [&](Host& self) {
    if (self.GetPhase() >= Host::Phase::kStopping) return USHER_STOPPED;
    if (timer == nullptr || self.GetPhase() == Host::Phase::kCheck) return USHER_INVALID_ARGUMENT;
    std::string why;
    const usher_status status =
        self.Timers().Start(self.TimerNow(), delay_us, period_us,
                            {callback, context, self.Causes().AtHand()}, *timer, why);
    if (status != USHER_OK) WriteError(error, why);
    return status;
  });
}

usher_status Cancel(const usher_host* host, usher_timer timer) noexcept {
  return OnPluginThread(host, [timer](Host& self) { return self.Timers().Cancel(timer); });
}

usher_status Now(const usher_host* host, int64_t* realtime_us, int64_t* monotonic_us) noexcept {
  return OnAnyThread(host, [&](Host& self) {
    const Timestamp now = self.PluginNow();
    if (realtime_us != nullptr) *realtime_us = now.realtime_us;
    if (monotonic_us != nullptr) *monotonic_us = now.monotonic_us;
    return USHER_OK;
  });
}

constexpr usher_ext_timer kTable{sizeof(usher_ext_timer), Start, Cancel, Now};

}  // namespace

const usher_ext_timer& TimerExtension() {
  return kTable;
}

}  // namespace broker
