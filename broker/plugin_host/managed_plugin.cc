#include "plugin_host/managed_plugin.h"

#include <algorithm>
#include <utility>

#include "event/text.h"
#include "event/utc.h"
#include "plugin_host/crash_handler.h"
#include "plugin_host/run_apart.h"

namespace broker {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxErrorBytes = 2048;
constexpr milliseconds kUnloadLimit{2000};
constexpr const char* kDisabled = "disabled";
constexpr const char* kQuarantined = "quarantined";
constexpr const char* kReleased = "released";
constexpr const char* kReloaded = "reloaded";
constexpr const char* kRestored = "restored";
constexpr const char* kNotReloaded = "not reloaded";
constexpr const char* kStuck = "it is stuck in a call and was abandoned";

/// What happened before the instance starts is not history that it would act on, unless it asks.
void LimitReplay(const PluginSettings& plugin, int64_t start_us, LaneOptions& lane) {
  if (plugin.replay_max_age_us == 0) {
    lane.boot_id.clear();
  } else {
    lane.oldest_us = start_us - plugin.replay_max_age_us;
  }
}

}  // namespace

ManagedPlugin::ManagedPlugin(const HostContext& context, PluginSettings settings,
                             const PluginPlaces& places)
    : context_(context),
      settings_(std::move(settings)),
      places_(places),
      loader_(context_, settings_, LibraryFile(places_, settings_.library), places_.copies) {
  status_.instance = settings_.name;
  status_.library = loader_.File();
}

ManagedPlugin::~ManagedPlugin() = default;

void ManagedPlugin::StayDisabled() {
  {
    const MutexLock lock(mutex_);
    status_.state = PluginState::kDisabled;
    abandoned_ = false;
  }
  const Status marked = context_.cursors.Mark(settings_.name, kDisabled);
  if (marked.ok()) return;
  Say(Severity::kWarning,
      "that it is disabled cannot be noted, so once enabled it may see events of this time: " +
          marked.message());
}

void ManagedPlugin::LoadFailed(const Status& why) {
  const std::string error = ToUtf8(why.message(), kMaxErrorBytes);  // It may quote the library.
  std::string library;
  {
    const MutexLock lock(mutex_);
    status_.state = PluginState::kFailed;
    status_.last_error = error;
    library = status_.library;
  }
  Announce(EventType::kPluginFailed, {{"library", library}, {"call", "load"}, {"error", error}});
  Say(Severity::kError, error);
}

void ManagedPlugin::Load(LoadedModules& modules, LaneOptions lane) {
  if (IsHeldBack()) return;
  const std::string& file = loader_.File();
  auto module = modules.find(file);
  if (module == modules.end()) module = modules.emplace(file, loader_.Load()).first;
  if (!module->second.ok()) {
    LoadFailed(module->second.status());
    return;
  }
  StartAtTheEnd(module->second.value(), std::move(lane));
}

/// Or where its cursor says.
void ManagedPlugin::StartAtTheEnd(std::shared_ptr<const Module> module, LaneOptions lane) {
  lane.finished = resume_ ? resume_->Finished() : 0;
  resume_.reset();
  up_since_us_ = context_.clock.Now().realtime_us;
  Start(std::move(module), std::move(lane), "");
}

/// Makes an instance; `reason` is that of the plugin.loaded.
void ManagedPlugin::Start(std::shared_ptr<const Module> module, LaneOptions lane,
                          const char* reason) {
  auto life = std::make_shared<Life>();
  life->module = module;
  life->instance = std::make_unique<Instance>(
      context_, settings_, std::move(module), places_.storage + settings_.name,
      [this] { LeaveBehind(); }, trace_);
  lane.instance = settings_.name;
  lane.resume = resume_;
  LimitReplay(settings_, up_since_us_, lane);
  life->lane = Lane::Create(std::move(lane), *life->instance,
                            {context_.hub, context_.ring, context_.files, context_.cursors});
  {
    const MutexLock lock(mutex_);
    status_.id = life->instance->Info().id;
    status_.version = life->instance->Info().version;
    status_.last_error.clear();
    refused_.clear();
    abandoned_ = false;
    life_ = std::move(life);
  }
  Announce(EventType::kPluginLoaded, {{"library", loader_.File()}}, reason);
}

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

Status ManagedPlugin::Activate(milliseconds deadline) {
  const std::shared_ptr<Life> life = Current();
  if (life == nullptr) return {StatusCode::kUnavailable, GetStatus().last_error};
  Status status = life->lane->Activate(deadline);
  if (status.code() != StatusCode::kTimeout) return status;  // The instance has told any failure.
  Note(status.message());
  Say(Severity::kWarning, status.message());
  return status;
}

bool ManagedPlugin::Stop(milliseconds deadline) {
  return Stop(deadline, true);
}

bool ManagedPlugin::Stop(milliseconds deadline, bool hurry) {
  const std::shared_ptr<Life> life = Current();
  if (life == nullptr) return true;
  if (hurry) life->instance->AskToStop();
  if (life->lane->Stop(deadline)) {
    End(life);
    return true;
  }
  if (Current() == nullptr) return false;  // It was abandoned meanwhile, and that told.
  Announce(EventType::kPluginOverdue,
           {{"call", "stop"}, {"deadline_ms", std::to_string(deadline.count())}});
  life->instance->Abandon();
  LeaveBehind();
  return false;
}

/// How long the event at hand, stop() and destroy() may take, the time to abandon each included.
milliseconds ManagedPlugin::OwnLimits() const {
  const std::chrono::microseconds calls(settings_.event_timeout_us + 2 * settings_.stop_timeout_us);
  return std::chrono::ceil<milliseconds>(calls) + 4 * CallMonitor::kGrace;
}

void ManagedPlugin::Hurry() noexcept {
  if (const auto life = Current(); life != nullptr) life->instance->AskToStop();
}

Status ManagedPlugin::Disable() {
  if (GetStatus().state == PluginState::kDisabled) {
    return {StatusCode::kInvalid, "'" + settings_.name + "' is disabled already"};
  }
  Stop(OwnLimits(), false);
  StayDisabled();
  return NoteDisabled(context_.clock.Now().realtime_us)
      .Annotate("it is disabled, but only until the broker starts again");
}

Status ManagedPlugin::NoteDisabled(int64_t disabled_us) {
  if (context_.health == nullptr) return {};
  return context_.health->Update(
      settings_.name, [disabled_us](Health& health) { health.disabled_us = disabled_us; });
}

Result<std::shared_ptr<const Module>> ManagedPlugin::LoadAnew() {
  auto module = LoadChecked();
  if (module.ok()) return module;
  const PluginState state = GetStatus().state;
  const std::string stays = state == PluginState::kRunning
                                ? "it is not loaded anew, the one that runs goes on: "
                                : "it stays " + std::string(Name(state)) + ": ";
  const std::string error = ToUtf8(stays + module.status().message(), kMaxErrorBytes);
  {
    const MutexLock lock(mutex_);
    refused_ = error;
  }
  Announce(EventType::kPluginFailed,
           {{"library", loader_.File()}, {"call", "load"}, {"error", error}}, kNotReloaded);
  Say(Severity::kError, error);
  return Status(module.status().code(), error);
}

Result<std::shared_ptr<const Module>> ManagedPlugin::LoadChecked() const {
  const Result<Health> health = LoadHealth();
  if (!health.ok()) return health.status();
  auto module = loader_.LoadWithCare();
  if (!module.ok()) return module;
  const std::string id = GetStatus().id;
  if (id.empty() || module.value()->Info().id == id) return module;
  return Status(StatusCode::kInvalid, "'" + loader_.File() + "' has become another plugin, '" +
                                          module.value()->Info().id + "' instead of '" + id +
                                          "': give that an instance of its own");
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

Status ManagedPlugin::WhyNotReplaced() const {
  const MutexLock lock(mutex_);
  const PluginState state = StatusNow().state;
  if (state == PluginState::kDisabled || state == PluginState::kStarting) {
    return {StatusCode::kInvalid, "'" + settings_.name + "' is " + std::string(Name(state))};
  }
  if (state != PluginState::kQuarantined && !abandoned_) return {};
  return {StatusCode::kInvalid, "'" + settings_.name + "' is " +
                                    (abandoned_ ? "abandoned" : std::string(Name(state))) +
                                    ": release it instead"};
}

Status ManagedPlugin::Replace(std::shared_ptr<const Module> module, LaneOptions lane) {
  Status possible = WhyNotReplaced();
  if (!possible.ok()) return possible;
  const std::shared_ptr<Life> life = Current();
  const bool ran = GetStatus().state == PluginState::kRunning;
  before_ = ran ? life->module : nullptr;
  if (!Stop(OwnLimits(), false)) {
    return {StatusCode::kTimeout, "it did not stop and was abandoned: release '" + settings_.name +
                                      "' to start the new one"};
  }
  possible = WhyNotReplaced();  // Its last event may have been one failure too many.
  if (!possible.ok()) return possible;
  // Of who ran, nothing is history because of a reload.
  if (!resume_) up_since_us_ = context_.clock.Now().realtime_us;
  Start(std::move(module), std::move(lane), kReloaded);
  return {};
}

bool ManagedPlugin::BringBack(LaneOptions lane) {
  if (before_ == nullptr || !Stop(OwnLimits(), false)) return false;
  Start(std::exchange(before_, nullptr), std::move(lane), kRestored);
  return true;
}

void ManagedPlugin::ForgetBefore() {
  if (before_ != nullptr) Unload(nullptr, std::exchange(before_, nullptr));
}

void ManagedPlugin::TakeDown() {
  Stop(OwnLimits(), false);
}

/// Whether it is worth loading its library.
bool ManagedPlugin::IsToRun() const {
  const Result<Health> health = LoadHealth();
  const bool held_back = health.ok() && (health->disabled_us != 0 || health->quarantined_us != 0);
  return settings_.enabled && !held_back;
}

Status ManagedPlugin::Succeed(ManagedPlugin& before, LaneOptions lane) {
  std::shared_ptr<const Module> module;
  if (IsToRun()) {
    auto loaded = loader_.LoadWithCare();
    if (!loaded.ok()) return loaded.status();
    module = std::move(loaded).value();
  }
  const bool passed_by = before.GetStatus().state == PluginState::kDisabled;
  before.TakeDown();
  trace_ = before.trace_;
  resume_ = std::exchange(before.resume_, {});
  up_since_us_ = resume_ ? before.up_since_us_ : context_.clock.Now().realtime_us;
  if (!settings_.enabled) {
    StayDisabled();
  } else if (IsHeldBack()) {  // Its last event may have been one failure too many.
    if (module != nullptr) Unload(nullptr, std::move(module));
  } else if (passed_by) {
    StartAtTheEnd(std::move(module), std::move(lane));
  } else {
    Start(std::move(module), std::move(lane), kReloaded);
  }
  return {};
}

void ManagedPlugin::LoadWithCare(LaneOptions lane) {
  if (IsHeldBack()) return;
  auto module = loader_.LoadWithCare();
  if (!module.ok()) return LoadFailed(module.status());
  StartAtTheEnd(std::move(module).value(), std::move(lane));
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

/// After a stop only the status is left.
void ManagedPlugin::End(const std::shared_ptr<Life>& life) {
  {
    const MutexLock lock(mutex_);
    status_ = StatusNow();
    life_ = nullptr;
  }
  if (auto end = life->lane->End()) resume_ = std::move(end);
  life->lane.reset();  // It refers to the instance.
  Unload(std::move(life->instance), std::move(life->module));
}

/// The library's destructors run: they may hang, or crash.
void ManagedPlugin::Unload(std::unique_ptr<Instance> instance,
                           std::shared_ptr<const Module> module) {
  const std::shared_ptr<const LeftThreads> left = module->Left();
  auto gone = std::make_shared<Life>();
  gone->instance = std::move(instance);
  gone->module = std::move(module);
  // The last reference goes there, so none may stay here.
  const auto lease = std::make_shared<SlotLease>(context_.record, settings_.name);
  auto unload = [lease, gone = std::move(gone)]() mutable {
    const CrashThread thread(lease->Slot());
    lease->Slot().Open({PluginCall::kUnload, 0, 0, {}});
    gone.reset();
    lease->Slot().Close();
  };
  if (!RunApart(std::move(unload), kUnloadLimit)) {
    lease->Slot().settled = CallSlot::kAbandoned;  // The end of the process is not its fault.
    Announce(EventType::kPluginOverdue, {{"call", std::string(Name(PluginCall::kUnload))},
                                         {"deadline_ms", std::to_string(kUnloadLimit.count())}});
  } else if (left == nullptr || left->None()) {
    return;
  } else {
    TellOfThreads(*left);
  }
  const MutexLock lock(mutex_);
  keeps_library_ = true;
  left_behind_ = left_behind_ || left == nullptr || left->None() || left->inside != 0;
}

/// It is not unloaded, as they would crash.
void ManagedPlugin::TellOfThreads(const LeftThreads& left) {
  if (left.inside == 0) {
    const std::string who =
        left.unknown == 1 ? "a thread" : std::to_string(left.unknown) + " threads";
    Say(Severity::kWarning,
        "its library stays in memory: " + who + " cannot be asked whether it is in use");
    return;
  }
  const std::string threads =
      left.inside == 1 ? "a thread" : std::to_string(left.inside) + " threads";
  InstanceHealth health(context_, settings_.name, GetStatus().id);
  health.AddStrike(PluginCall::kUnload, {},
                   {StatusCode::kInternal,
                    "it left " + threads +
                        " running after destroy(), so its library stays in memory: end and join "
                        "its threads in stop() or destroy()"});
  // Where it was reloaded, its successor runs already.
  if (const auto life = Current(); life != nullptr) return life->instance->RefreshHealth();
  const InstanceStatus now = health.GetStatus();
  const MutexLock lock(mutex_);
  status_.strikes = now.strikes;
  status_.quarantined_us = now.quarantined_us;
  status_.last_error = now.last_error;
  if (now.quarantined_us != 0) status_.state = PluginState::kQuarantined;
}

void ManagedPlugin::LeaveBehind() noexcept {
  std::shared_ptr<Life> life;
  {
    const MutexLock lock(mutex_);
    if (life_ == nullptr) return;
    status_ = StatusNow();
    if (status_.state != PluginState::kQuarantined) status_.state = PluginState::kFailed;
    if (status_.last_error.empty()) status_.last_error = kStuck;
    left_behind_ = abandoned_ = true;
    life = std::exchange(life_, nullptr);
  }
  life->lane->Abandon();
  life->self = life;
}

std::shared_ptr<ManagedPlugin::Life> ManagedPlugin::Current() const {
  const MutexLock lock(mutex_);
  return life_;
}

bool ManagedPlugin::LeftBehind() const {
  const MutexLock lock(mutex_);
  return left_behind_;
}

bool ManagedPlugin::KeepsLibrary() const {
  const MutexLock lock(mutex_);
  return keeps_library_;
}

PluginStatus ManagedPlugin::GetStatus() const {
  const MutexLock lock(mutex_);
  return StatusNow();
}

bool ManagedPlugin::Owes(EventType type, Seq seq) const {
  const std::shared_ptr<Life> life = Current();
  return life != nullptr && life->lane->Owes(type, seq);
}

PluginStatus ManagedPlugin::StatusNow() const {
  PluginStatus status = status_;
  if (life_ == nullptr) return status;
  InstanceStatus now = life_->instance->GetStatus();
  status.state = now.state;
  status.strikes = now.strikes;
  status.quarantined_us = now.quarantined_us;
  const bool up = now.state == PluginState::kRunning;  // It may have been late before.
  if (up || !now.last_error.empty()) status.last_error = std::move(now.last_error);
  if (status.last_error.empty()) status.last_error = refused_;
  const LaneProgress progress = life_->lane->Progress();
  status.acknowledged = progress.acknowledged;
  status.lag = progress.committed - std::min(progress.committed, progress.acknowledged);
  status.undelivered = progress.committed - std::min(progress.committed, progress.handed_over);
  return status;
}

void ManagedPlugin::Note(std::string error) {
  const MutexLock lock(mutex_);
  status_.last_error = std::move(error);
}

void ManagedPlugin::Announce(EventType type, const Details& details, const char* reason) {
  const PluginStatus status = GetStatus();
  Details all{{"instance", status.instance}};
  if (!status.id.empty()) all.emplace_back("id", status.id);
  if (!status.version.empty()) all.emplace_back("version", status.version);
  all.insert(all.end(), details.begin(), details.end());
  Event event = MakeBrokerEvent(type, context_.clock.Now(), std::move(all));
  event.reason = reason;
  context_.announcer.Announce(std::move(event));
}

void ManagedPlugin::Say(Severity severity, const std::string& text) {
  context_.diagnostics.Log(severity, "plugin " + settings_.name, text);
}

}  // namespace broker
