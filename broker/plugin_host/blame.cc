#include "plugin_host/blame.h"

#include <string>
#include <utility>

#include "plugin_host/cause.h"
#include "plugin_host/crash_handler.h"

namespace broker {
namespace {

constexpr const char* kCrashed = "crashed";
constexpr const char* kQuarantined = "quarantined";

std::string Where(const OpenCall& call) {
  if (call.call == PluginCall::kNone) return "in a thread of the plugin's own";
  std::string where = "in " + std::string(Name(call.call)) + "()";
  if (call.seq != 0) where += " with event " + std::to_string(call.seq);
  return where;
}

std::string Sentence(const OpenCall& call) {
  if (call.fault == CallSlot::kExit) return "it called exit() " + Where(call);
  if (call.fault != CallSlot::kNoFault) return FaultName(call.fault) + " " + Where(call);
  return "the broker ended without a word while the plugin was " + Where(call) +
         ": it called _exit(), or the broker was killed from outside";
}

class Blame {
 public:
  Blame(const HostContext& context, OpenCall call) : context_(context), call_(std::move(call)) {}

  void Strike() {
    Result<Health> loaded = context_.health->Load(call_.instance);
    if (!loaded.ok()) {
      Say(loaded.status().message());
      return;  // It is not going to run, and what is known of it must not be lost.
    }
    Health health = std::move(loaded).value();
    const bool before = health.quarantined_us != 0;
    const std::string error = Sentence(call_);
    const uint32_t strikes =
        health.Add({context_.clock.Now().realtime_us, call_.call, call_.seq}, error);
    const Status saved = context_.health->Save(call_.instance, health);
    if (!saved.ok()) Say("that it crashed cannot be noted: " + saved.message());
    AnnounceFailure(error, strikes);
    if (health.quarantined_us != 0 && !before) Quarantine(strikes);
  }

 private:
  void AnnounceFailure(const std::string& error, uint32_t strikes) {
    Details details{{"instance", call_.instance}, {"call", std::string(Name(call_.call))}};
    if (call_.seq != 0) details.emplace_back("seq", std::to_string(call_.seq));
    if (call_.fault != CallSlot::kNoFault) details.emplace_back("fault", FaultName(call_.fault));
    details.emplace_back("error", error);
    details.emplace_back("strikes", std::to_string(strikes));
    Announce(EventType::kPluginFailed, std::move(details), kCrashed);
    Say(error);
  }

  void Quarantine(uint32_t strikes) {
    const Status marked = context_.cursors.Mark(call_.instance, kQuarantined);
    if (!marked.ok()) Say(marked.message());
    Announce(EventType::kPluginQuarantined,
             {{"instance", call_.instance},
              {"strikes", std::to_string(strikes)},
              {"window_s", std::to_string(Health::kWindowUs / 1'000'000)}},
             "");
  }

  void Announce(EventType type, Details details, const char* reason) {
    Event event = MakeBrokerEvent(type, context_.clock.Now(), std::move(details));
    event.reason = reason;
    SetCause(event, {call_.seq, call_.chain});
    if (event.chain <= kMaxChain) context_.announcer.Announce(std::move(event));
  }

  void Say(const std::string& text) {
    context_.diagnostics.Log(Severity::kError, "plugin " + call_.instance, text);
  }

  const HostContext& context_;
  const OpenCall call_;
};

}  // namespace

void StrikeBlamed(const HostContext& context) {
  if (context.record == nullptr || context.health == nullptr) return;
  for (const OpenCall& call : context.record->Blamed()) Blame(context, call).Strike();
  context.record->Forget();
}

}  // namespace broker
