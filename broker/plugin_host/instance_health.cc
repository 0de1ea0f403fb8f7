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

void InstanceHealth::Load() {
  Result<Health> health = context_.health->Load(name_);
  if (!health.ok()) {
    Say(Severity::kError, health.status().message());
    return;
  }
  const MutexLock lock(mutex_);
  health_ = std::move(health).value();
  status_.strikes = health_.Count(context_.clock.Now().realtime_us);
}

void InstanceHealth::Refresh() {
  if (context_.health != nullptr) Load();
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
  if (now < save_at_) return save_at_;
  Noted(context_.health == nullptr ? Status() : context_.health->SaveAgain(name_));
  return save_at_;
}

void InstanceHealth::AddStrike(PluginCall call, Cause cause, const Status& why,
                               const char* reason) {
  const int64_t now_us = context_.clock.Now().realtime_us;
  const std::string error = ToUtf8(why.message(), kMaxErrorBytes);
  Health health = HealthNow();
  uint32_t strikes = 0;
  const auto add = [&](Health& known) {
    strikes = known.Add({now_us, call, cause.seq}, error);
    health = known;
  };
  if (context_.health == nullptr) {
    add(health);
  } else {
    Noted(context_.health->Update(name_, add));
  }
  const bool quarantine = health.quarantined_us != 0;
  {
    const MutexLock lock(mutex_);
    status_.strikes = strikes;
    status_.quarantined_us = health.quarantined_us;
    if (quarantine) status_.state = PluginState::kQuarantined;
    health_ = std::move(health);
  }
  quarantined_ = quarantine;
  Tell(call, cause, why, strikes, reason);
  if (quarantine) TellQuarantine(cause, strikes);
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

Health InstanceHealth::HealthNow() const {
  const MutexLock lock(mutex_);
  return health_;
}

InstanceStatus InstanceHealth::GetStatus() const {
  const MutexLock lock(mutex_);
  return status_;
}

void InstanceHealth::Announce(EventType type, Cause cause, Details details, const char* reason) {
  if (silent_) return;
  details.insert(details.begin(), {{"instance", name_}, {"id", id_}});
  Event event = MakeBrokerEvent(type, context_.clock.Now(), std::move(details));
  event.reason = reason;
  SetCause(event, cause);
  limit_.Announce(std::move(event));
}

void InstanceHealth::Say(Severity severity, const std::string& text) const {
  context_.diagnostics.Log(severity, "plugin " + name_, text);
}

}  // namespace broker
