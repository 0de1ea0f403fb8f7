#include "plugin_host/blame.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

  /// The call to be kept in the record; nullopt where its strike was noted.
  std::optional<OpenCall> Strike() {
    const bool told = call_.struck_us != 0;
    if (!told) call_.struck_us = context_.clock.Now().realtime_us;
    const Result<Health> before = context_.health->Load(call_.instance);
    if (!before.ok()) {
      Say(before.status().message());
      if (!told) AnnounceFailure(Sentence(call_), 0);
      return call_;  // It is not going to run, and what is known of it must not be lost.
    }
    const broker::Strike strike{call_.struck_us, call_.call, call_.seq};
    if (told && std::ranges::count(before->strikes, strike) != 0) return std::nullopt;
    const std::string error = Sentence(call_);
    Health health;
    uint32_t strikes = 0;
    const Status saved = context_.health->Update(call_.instance, [&](Health& known) {
      strikes = known.Add(strike, error);
      health = known;
    });
    if (!saved.ok()) Say("that it crashed cannot be noted: " + saved.message());
    if (!told) AnnounceFailure(error, strikes);
    if (health.quarantined_us != 0 && before->quarantined_us == 0) Quarantine(strikes);
    return saved.ok() ? std::nullopt : std::optional(call_);
  }

 private:
  /// `strikes` of 0: that is not known.
  void AnnounceFailure(const std::string& error, uint32_t strikes) {
    Details details{{"instance", call_.instance}, {"call", std::string(Name(call_.call))}};
    if (call_.seq != 0) details.emplace_back("seq", std::to_string(call_.seq));
    if (call_.fault != CallSlot::kNoFault) details.emplace_back("fault", FaultName(call_.fault));
    details.emplace_back("error", error);
    if (strikes != 0) details.emplace_back("strikes", std::to_string(strikes));
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
  OpenCall call_;
};

}  // namespace

void StrikeBlamed(const HostContext& context) {
  if (context.record == nullptr || context.health == nullptr) return;
  std::vector<OpenCall> kept;
  for (const OpenCall& call : context.record->Blamed()) {
    if (auto unsaved = Blame(context, call).Strike()) kept.push_back(*std::move(unsaved));
  }
  context.record->Forget(kept);
}

}  // namespace broker
