#include <chrono>
#include <string>
#include <utility>

#include "plugin_host/instance.h"
#include "plugin_host/plugin_call.h"

namespace broker {
namespace {

using std::chrono::microseconds;

constexpr const char* kAbandoned = "abandoned";

int64_t Milliseconds(microseconds time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time).count();
}

/// Whether there is an instance during such a call.
bool HasInstance(PluginCall call) {
  return call != PluginCall::kCheckConfig && call != PluginCall::kCreate &&
         call != PluginCall::kDestroy;
}

}  // namespace

/// While the call goes on.
void Instance::TraceLate(const RunningCall& call, microseconds duration, const char* result) {
  if (!trace_->Wanted()) return;
  const int64_t begin_us = context_.clock.Now().realtime_us - duration.count();
  trace_->Add({begin_us, call.call, call.seq, duration, result});
}

microseconds Instance::LimitOf(PluginCall call) const {
  switch (call) {
    case PluginCall::kOnEvent:
    case PluginCall::kOnSnapshot:
    case PluginCall::kTimer:
    case PluginCall::kRun:
    case PluginCall::kLaunch:
      return microseconds(settings_.event_timeout_us);
    case PluginCall::kStop:
    case PluginCall::kDestroy:
      return microseconds(settings_.stop_timeout_us);
    default:
      return microseconds(settings_.start_timeout_us);
  }
}

void Instance::Overdue(const RunningCall& call) noexcept {
  const std::string limit = std::to_string(Milliseconds(call.limit));
  const std::string name(Name(call.call));
  Details details{{"call", name}};
  if (call.seq != 0) details.emplace_back("seq", std::to_string(call.seq));
  details.emplace_back("deadline_ms", limit);
  health_.Announce(EventType::kPluginOverdue, {call.seq, call.chain}, std::move(details));
  health_.Say(Severity::kWarning,
              name + "() has not returned after " + limit + " ms; it is asked to");
  TraceLate(call, call.limit, "overdue");
}

void Instance::Interrupt(const RunningCall& call) noexcept {
  host_.SetOverdue(true);
  const auto interrupt = HasInstance(call.call) ? InterruptOf(*plugin_) : nullptr;
  if (interrupt == nullptr) return;
  const CrashThread thread(lease_.Slot());
  const Status status = CallPlugin(Name(PluginCall::kInterrupt), [&](usher_error*) {
    interrupt(plugin_);
    return USHER_OK;
  });
  if (!status.ok()) health_.Say(Severity::kError, status.message());
}

void Instance::Abandoned(const RunningCall& call, microseconds grace) noexcept {
  const Status why(StatusCode::kTimeout,
                   std::string(Name(call.call)) + "() did not return within " +
                       std::to_string(Milliseconds(call.limit)) + " ms, nor in the " +
                       std::to_string(Milliseconds(grace)) +
                       " ms after it was asked to: the instance is abandoned");
  health_.AddStrike(call.call, {call.seq, call.chain}, why, kAbandoned);
  TraceLate(call, call.limit + grace, kAbandoned);
  lease_.Slot().settled = CallSlot::kAbandoned;
  health_.SetEnd(PluginState::kFailed);
  health_.Silence();
  host_.Abandon();
  on_abandoned_();
}

}  // namespace broker
