#include "plugin_host/instance_health.h"

#include <utility>

#include "event/text.h"

namespace broker {
namespace {

constexpr size_t kMaxErrorBytes = 2048;
constexpr int64_t kSecondUs = 1'000'000;
constexpr std::chrono::seconds kSaveAgain{10};

}  // namespace

InstanceHealth::InstanceHealth(const HostContext& context, std::string name, std::string id)
    : context_(context),
      name_(std::move(name)),
      id_(std::move(id)),
      limit_(context.announcer, name_) {
  if (context.health != nullptr) Load();
}

/// In the store's order, so that nobody overwrites what is newer.
void InstanceHealth::Load() {
  const int64_t now_us = context_.clock.Now().realtime_us;
  const Status seen =
      context_.health->See(name_, [&](const Health& health) { Take(health, now_us); });
  if (!seen.ok()) Say(Severity::kError, seen.message());
}

void InstanceHealth::Take(const Health& health, int64_t now_us) {
  const MutexLock lock(mutex_);
  health_ = health;
  status_.strikes = health.Count(now_us);
}

void InstanceHealth::Refresh() {
  if (context_.health != nullptr) Load();
  others_noted_ = true;
  const MutexLock lock(mutex_);
  status_.quarantined_us = health_.quarantined_us;
  if (health_.quarantined_us == 0) return;
  status_.state = PluginState::kQuarantined;
  quarantined_ = true;
}

void InstanceHealth::Noted(const Status& saved) {
  save_at_ = Condition::TimePoint::max();
  if (saved.ok()) return;
  Say(Severity::kError, saved.Annotate("that it failed cannot be noted").message());
  save_at_ = std::chrono::steady_clock::now() + kSaveAgain;
}

Condition::TimePoint InstanceHealth::SaveAgain(Condition::TimePoint now) {
  if (now < save_at_ && !others_noted_.exchange(false)) return save_at_;
  Noted(context_.health == nullptr ? Status() : context_.health->SaveAgain(name_));
  return save_at_;
}

void InstanceHealth::AddStrike(PluginCall call, Cause cause, const Status& why,
                               const char* reason) {
  const int64_t now_us = context_.clock.Now().realtime_us;
  Health after;
  Noted(Note({now_us, call, cause.seq}, ToUtf8(why.message(), kMaxErrorBytes), after));
  const bool quarantine = after.quarantined_us != 0;
  if (quarantine) {
    const MutexLock lock(mutex_);
    status_.quarantined_us = after.quarantined_us;
    status_.state = PluginState::kQuarantined;
    quarantined_ = true;
  }
  const uint32_t strikes = after.Count(now_us);
  Tell(call, cause, why, strikes, reason);
  if (quarantine) TellQuarantine(cause, strikes);
}

/// Counts the strike, in the store where that can be: `after` is the health with it.
Status InstanceHealth::Note(const Strike& strike, const std::string& error, Health& after) {
  bool counted = false;
  const auto add = [&](Health& health) {
    health.Add(strike, error);
    Take(health, strike.time_us);
    after = health;
    counted = true;
  };
  Status noted = context_.health == nullptr ? Status() : context_.health->Update(name_, add);
  if (counted) return noted;
  {
    const MutexLock lock(mutex_);
    after = health_;
  }
  add(after);
  return noted;
}

void InstanceHealth::NoteFailure(PluginCall call, const Status& why) {
  Tell(call, {}, why, GetStatus().strikes, "");
}

void InstanceHealth::Tell(PluginCall call, Cause cause, const Status& why, uint32_t strikes,
                          const char* reason) {
  const std::string error = ToUtf8(why.message(), kMaxErrorBytes);
  {
    const MutexLock lock(mutex_);
    status_.last_error = error;
  }
  Details details{{"call", std::string(Name(call))}};
  if (cause.seq != 0) details.emplace_back("seq", std::to_string(cause.seq));
  details.emplace_back("error", error);
  details.emplace_back("strikes", std::to_string(strikes));
  Announce(EventType::kPluginFailed, cause, std::move(details), reason);
  if (!silent_) Say(Severity::kError, error);
}

void InstanceHealth::TellQuarantine(Cause cause, uint32_t strikes) {
  Announce(EventType::kPluginQuarantined, cause,
           {{"strikes", std::to_string(strikes)},
            {"window_s", std::to_string(Health::kWindowUs / kSecondUs)}});
  Say(Severity::kError,
      "is quarantined after " + std::to_string(strikes) + " failures within " +
          std::to_string(Health::kWindowUs / (60 * kSecondUs)) +
          " minutes; it gets no more events until it is released: usherctl plugins release " +
          name_);
}

void InstanceHealth::SetState(PluginState state) {
  const MutexLock lock(mutex_);
  status_.state = state;
}

void InstanceHealth::SetEnd(PluginState state) {
  if (!quarantined_) SetState(state);
}

uint32_t InstanceHealth::Failures(Seq seq) const {
  const MutexLock lock(mutex_);
  return health_.Failures(seq);
}

InstanceStatus InstanceHealth::GetStatus() const {
  const MutexLock lock(mutex_);
  return status_;
}

void InstanceHealth::Announce(EventType type, Cause cause, Details details, const char* reason) {
  if (silent_) return;
  if (!id_.empty()) details.insert(details.begin(), {"id", id_});
  details.insert(details.begin(), {"instance", name_});
  Event event = MakeBrokerEvent(type, context_.clock.Now(), std::move(details));
  event.reason = reason;
  SetCause(event, cause);
  limit_.Announce(std::move(event));
}

void InstanceHealth::Say(Severity severity, const std::string& text) const {
  context_.diagnostics.Log(severity, "plugin " + name_, text);
}

}  // namespace broker
