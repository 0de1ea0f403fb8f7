// Why an instance is held back, and what takes that back: it is disabled, quarantined or abandoned.
#include <chrono>
#include <thread>
#include <utility>

#include "event/utc.h"
#include "plugin_host/host_services/left_launches.h"
#include "plugin_host/managed_plugin.h"

namespace broker {
namespace {

using std::chrono::steady_clock;

constexpr const char* kDisabled = "disabled";
constexpr const char* kQuarantined = "quarantined";
constexpr const char* kReleased = "released";
constexpr std::chrono::seconds kCatchUpTime{1};
constexpr std::chrono::milliseconds kLookAgain{1};

}  // namespace

/// What it did wrong, or that it was disabled, is known from before; it will not see what happens
/// from now on.
bool ManagedPlugin::IsHeldBack() {
  const Result<Health> health = LoadHealth();
  if (!health.ok()) {
    LoadFailed(health.status());  // It may say that it must not run.
    return true;
  }
  if (health->disabled_us != 0) {
    Say(Severity::kInfo, "was disabled at " + FormatUtc(health->disabled_us) +
                             "; to enable it: usherctl plugins enable " + settings_.name);
    StayDisabled();
  } else if (health->quarantined_us != 0) {
    StayQuarantined(health.value());
  }
  return health->disabled_us != 0 || health->quarantined_us != 0;
}

/// Whether it is worth loading its library.
bool ManagedPlugin::IsToRun() const {
  const Result<Health> health = LoadHealth();
  const bool held_back = health.ok() && (health->disabled_us != 0 || health->quarantined_us != 0);
  return settings_.enabled && !held_back;
}

Result<Health> ManagedPlugin::LoadHealth() const {
  if (context_.health == nullptr) return Health();
  return context_.health->Load(settings_.name);
}

void ManagedPlugin::StayQuarantined(const Health& health) {
  const Status marked = context_.cursors.Mark(settings_.name, kQuarantined);
  if (!marked.ok()) Say(Severity::kWarning, marked.message());
  Say(Severity::kWarning, "is quarantined since " + FormatUtc(health.quarantined_us) +
                              "; it is not loaded until it is released: usherctl plugins release " +
                              settings_.name);
  const MutexLock lock(mutex_);
  status_.state = PluginState::kQuarantined;
  status_.quarantined_us = health.quarantined_us;
  status_.strikes = health.Count(context_.clock.Now().realtime_us);
  status_.last_error = health.last_error;
}

void ManagedPlugin::StayDisabled() {
  {
    const MutexLock lock(mutex_);
    status_.state = PluginState::kDisabled;
    abandoned_ = false;
  }
  if (context_.left != nullptr) context_.left->End(settings_.name);
  const Status marked = context_.cursors.Mark(settings_.name, kDisabled);
  if (marked.ok()) return;
  Say(Severity::kWarning,
      "that it is disabled cannot be noted, so once enabled it may see events of this time: " +
          marked.message());
}

Status ManagedPlugin::Disable() {
  if (GetStatus().state == PluginState::kDisabled) {
    return {StatusCode::kInvalid, "'" + settings_.name + "' is disabled already"};
  }
  CatchUp();
  Stop(OwnLimits(), false);
  StayDisabled();
  return NoteDisabled(context_.clock.Now().realtime_us)
      .Annotate("it is disabled, but only until the broker starts again");
}

/// Once it is enabled it never gets what it has not had by then: a request that was confirmed would
/// be lost.
void ManagedPlugin::CatchUp() const {
  const std::shared_ptr<Life> life = Current();
  if (life == nullptr) return;
  const Seq end = life->lane->Progress().committed;
  const auto deadline = steady_clock::now() + kCatchUpTime;
  const auto is_behind = [&] {
    const LaneProgress now = life->lane->Progress();
    return now.running && now.handed_over < end;
  };
  while (is_behind() && steady_clock::now() < deadline) std::this_thread::sleep_for(kLookAgain);
}

Status ManagedPlugin::NoteDisabled(int64_t disabled_us) {
  if (context_.health == nullptr) return {};
  return context_.health->Update(
      settings_.name, [disabled_us](Health& health) { health.disabled_us = disabled_us; });
}

Status ManagedPlugin::WhyNotEnabled() const {
  if (!settings_.enabled) {
    return {StatusCode::kInvalid, "the configuration disables '" + settings_.name +
                                      "': remove 'enabled = false' there, then usherctl reload"};
  }
  if (GetStatus().state == PluginState::kDisabled) return {};
  return {StatusCode::kInvalid, "'" + settings_.name + "' is not disabled"};
}

Status ManagedPlugin::Enable(std::shared_ptr<const Module> module, LaneOptions lane) {
  Status possible = WhyNotEnabled();
  if (possible.ok()) possible = NoteDisabled(0).Annotate("that it is enabled cannot be noted");
  if (!possible.ok()) return possible;
  const Result<Health> health = LoadHealth();
  if (health.ok() && health->quarantined_us != 0) {
    StayQuarantined(health.value());
    return {StatusCode::kUnavailable, "it is enabled, but quarantined since " +
                                          FormatUtc(health->quarantined_us) +
                                          ": usherctl plugins release " + settings_.name};
  }
  StartAtTheEnd(std::move(module), std::move(lane));
  return {};
}

Status ManagedPlugin::WhyNotReleased() const {
  const MutexLock lock(mutex_);
  const PluginState state = StatusNow().state;
  if (state == PluginState::kQuarantined || abandoned_) return {};
  return {StatusCode::kInvalid, "'" + settings_.name + "' is " + std::string(Name(state)) +
                                    ": only what is quarantined or abandoned can be released"};
}

Status ManagedPlugin::Release(std::shared_ptr<const Module> module, LaneOptions lane) {
  Status released = WhyNotReleased();
  if (!released.ok()) return released;
  Stop(OwnLimits());
  released = ForgetStrikes();
  if (!released.ok()) return released.Annotate("the release cannot be noted");
  released = MarkReleased();
  if (!released.ok()) return released;
  {
    const MutexLock lock(mutex_);
    status_.strikes = 0;
    status_.quarantined_us = 0;
  }
  Announce(EventType::kPluginReleased, {});
  StartAtTheEnd(std::move(module), std::move(lane));
  return {};
}

Status ManagedPlugin::ForgetStrikes() {
  if (context_.record != nullptr) context_.record->Forgive(settings_.name);
  if (context_.health == nullptr) return {};
  return context_.health->Update(settings_.name, [](Health& health) { health = {}; });
}

/// Unless the cursor says already why it must not go on where it stands.
Status ManagedPlugin::MarkReleased() {
  const auto cursor = context_.cursors.Load(settings_.name);
  if (!cursor.ok()) return cursor.status();
  if (!cursor.value() || !cursor.value()->reason.empty()) return {};
  return context_.cursors.Mark(settings_.name, kReleased);
}

}  // namespace broker
