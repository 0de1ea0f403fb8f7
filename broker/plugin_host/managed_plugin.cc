#include "plugin_host/managed_plugin.h"

#include <algorithm>
#include <utility>

#include "event/text.h"
#include "event/utc.h"
#include "plugin_host/config_probe.h"
#include "plugin_host/crash_handler.h"
#include "plugin_host/file_stamp.h"

namespace broker {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxErrorBytes = 2048;
constexpr milliseconds kReleaseStop{2000};
constexpr milliseconds kSettle{3000};
constexpr const char* kDisabled = "disabled";
constexpr const char* kQuarantined = "quarantined";
constexpr const char* kReleased = "released";
constexpr const char* kReloaded = "reloaded";
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
    : context_(context), settings_(std::move(settings)), places_(places) {
  status_.instance = settings_.name;
  status_.library = LibraryFile(places_, settings_.library);
}

ManagedPlugin::~ManagedPlugin() = default;

void ManagedPlugin::StayDisabled() {
  {
    const MutexLock lock(mutex_);
    status_.state = PluginState::kDisabled;
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
  const std::string file = GetStatus().library;
  auto module = modules.find(file);
  if (module == modules.end()) module = modules.emplace(file, LoadModule(file)).first;
  if (!module->second.ok()) {
    LoadFailed(module->second.status());
    return;
  }
  resume_.reset();
  up_since_us_ = context_.clock.Now().realtime_us;
  Start(module->second.value(), std::move(lane), "");
}

/// Makes an instance; `reason` is that of the plugin.loaded.
void ManagedPlugin::Start(std::shared_ptr<const Module> module, LaneOptions lane,
                          const char* reason) {
  auto life = std::make_shared<Life>();
  life->instance = std::make_unique<Instance>(
      context_, settings_, std::move(module), places_.storage + settings_.name,
      [this] { LeaveBehind(); }, trace_);
  lane.instance = settings_.name;
  lane.resume = resume_;
  LimitReplay(settings_, up_since_us_, lane);
  life->lane = Lane::Create(std::move(lane), *life->instance,
                            {context_.hub, context_.ring, context_.files, context_.cursors});
  std::string library;
  {
    const MutexLock lock(mutex_);
    status_.id = life->instance->Info().id;
    status_.version = life->instance->Info().version;
    status_.last_error.clear();
    abandoned_ = false;
    life_ = std::move(life);
    library = status_.library;
  }
  Announce(EventType::kPluginLoaded, {{"library", library}}, reason);
}

/// What it did wrong, or that it was disabled, is known from before; it will not see what happens
/// from now on.
bool ManagedPlugin::IsHeldBack() {
  if (context_.health == nullptr) return false;
  const Result<Health> health = context_.health->Load(settings_.name);
  if (!health.ok()) {
    Say(Severity::kError, health.status().message());
    return false;
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

/// The library's constructors run: a crash in them is the plugin's.
Result<std::shared_ptr<const Module>> ManagedPlugin::LoadModule(const std::string& file) {
  SlotLease lease(context_.record, settings_.name);
  const CrashThread thread(lease.Slot());
  lease.Slot().Open({PluginCall::kLoad, 0, 0, {}});
  auto module = Module::Load(file, places_.copies);
  lease.Slot().Close();
  return module;
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
  const std::shared_ptr<Life> life = Current();
  if (life == nullptr) return true;
  life->instance->AskToStop();
  if (life->lane->Stop(deadline)) {
    End(*life);
    return true;
  }
  if (Current() == nullptr) return false;  // It was abandoned meanwhile, and that told.
  Announce(EventType::kPluginOverdue,
           {{"call", "stop"}, {"deadline_ms", std::to_string(deadline.count())}});
  life->instance->Abandon();
  LeaveBehind();
  return false;
}

Status ManagedPlugin::Disable(milliseconds deadline) {
  if (GetStatus().state == PluginState::kDisabled) {
    return {StatusCode::kInvalid, "'" + settings_.name + "' is disabled already"};
  }
  Stop(deadline);
  resume_.reset();
  StayDisabled();
  return NoteDisabled(context_.clock.Now().realtime_us)
      .Annotate("it is disabled, but only until the broker starts again");
}

Status ManagedPlugin::Enable() {
  if (!settings_.enabled) {
    return {StatusCode::kInvalid, "the configuration disables '" + settings_.name +
                                      "': remove 'enabled = false' there and restart the broker"};
  }
  if (GetStatus().state != PluginState::kDisabled) {
    return {StatusCode::kInvalid, "'" + settings_.name + "' is not disabled"};
  }
  Status noted = NoteDisabled(0).Annotate("that it is enabled cannot be noted");
  if (!noted.ok()) return noted;
  const MutexLock lock(mutex_);
  status_.state = PluginState::kStopped;
  return {};
}

Status ManagedPlugin::NoteDisabled(int64_t disabled_us) {
  if (context_.health == nullptr) return {};
  Result<Health> health = context_.health->Load(settings_.name);
  if (!health.ok()) return health.status();
  health->disabled_us = disabled_us;
  return context_.health->Save(settings_.name, health.value());
}

Result<std::shared_ptr<const Module>> ManagedPlugin::LoadAnew() {
  Status possible = WhyNotReplaced();
  if (!possible.ok()) return possible;
  auto module = LoadChecked();
  if (module.ok()) return module;
  const PluginStatus status = GetStatus();
  const std::string kept =
      status.state == PluginState::kRunning ? "the one that runs goes on: " : "";
  const std::string error =
      ToUtf8("it is not reloaded, " + kept + module.status().message(), kMaxErrorBytes);
  Announce(EventType::kPluginFailed,
           {{"library", status.library}, {"call", "load"}, {"error", error}}, kNotReloaded);
  Say(Severity::kError, error);
  return Status(module.status().code(), error);
}

Result<std::shared_ptr<const Module>> ManagedPlugin::LoadChecked() {
  const PluginStatus status = GetStatus();
  const Result<FileStamp> before =
      WaitUntilSettled(status.library, std::chrono::steady_clock::now() + kSettle);
  if (!before.ok()) return before.status();
  Status probed = Probe(status.library);
  if (!probed.ok()) return probed;
  auto module = LoadModule(status.library);
  if (!module.ok()) return module;
  const Result<FileStamp> after = StampOf(status.library);
  if (!after.ok() || !(after.value() == before.value())) {
    return Status(StatusCode::kUnavailable,
                  "'" + status.library + "' was changed while it was loaded; try again");
  }
  if (status.id.empty() || module.value()->Info().id == status.id) return module;
  return Status(StatusCode::kInvalid, "'" + status.library + "' has become another plugin, '" +
                                          module.value()->Info().id + "' instead of '" + status.id +
                                          "': give that an instance of its own");
}

Status ManagedPlugin::Probe(const std::string& file) {
  if (context_.probe == nullptr) return {};
  return ToStatus(context_.probe->Probe(settings_, file));
}

Status ManagedPlugin::WhyNotReplaced() const {
  const MutexLock lock(mutex_);
  const PluginState state = StatusNow().state;
  if (state == PluginState::kDisabled) {
    return {StatusCode::kInvalid, "'" + settings_.name + "' is disabled"};
  }
  if (state != PluginState::kQuarantined && !abandoned_) return {};
  return {StatusCode::kInvalid, "'" + settings_.name + "' is " +
                                    (abandoned_ ? "abandoned" : std::string(Name(state))) +
                                    ": release it instead"};
}

Status ManagedPlugin::Replace(std::shared_ptr<const Module> module, LaneOptions lane,
                              milliseconds deadline) {
  Status possible = WhyNotReplaced();
  if (!possible.ok()) return possible;
  const bool ran = GetStatus().state == PluginState::kRunning;
  if (!Stop(deadline)) {
    return {StatusCode::kTimeout, "it did not stop and was abandoned: release '" + settings_.name +
                                      "' to start the new one"};
  }
  possible = WhyNotReplaced();  // Its last event may have been one failure too many.
  if (!possible.ok()) return possible;
  // Of who ran, nothing is history because of a reload.
  if (!ran) up_since_us_ = context_.clock.Now().realtime_us;
  Start(std::move(module), std::move(lane), kReloaded);
  return {};
}

Status ManagedPlugin::Release() {
  const PluginStatus status = GetStatus();
  bool abandoned = false;
  {
    const MutexLock lock(mutex_);
    abandoned = abandoned_;
  }
  if (status.state != PluginState::kQuarantined && !abandoned) {
    return {StatusCode::kInvalid, "'" + settings_.name + "' is " + std::string(Name(status.state)) +
                                      ": only what is quarantined or abandoned can be released"};
  }
  if (const auto life = Current(); life != nullptr) Stop(kReleaseStop);
  resume_.reset();
  if (context_.health != nullptr) {
    Status saved = context_.health->Save(settings_.name, {});
    if (!saved.ok()) return saved.Annotate("the release cannot be noted");
  }
  Status marked = MarkReleased();
  if (!marked.ok()) return marked;
  {
    const MutexLock lock(mutex_);
    status_.state = PluginState::kStopped;
    status_.strikes = 0;
    status_.quarantined_us = 0;
    status_.last_error.clear();
    abandoned_ = false;
  }
  Announce(EventType::kPluginReleased, {});
  return {};
}

/// Unless the cursor says already why it must not go on where it stands.
Status ManagedPlugin::MarkReleased() {
  const auto cursor = context_.cursors.Load(settings_.name);
  if (!cursor.ok()) return cursor.status();
  if (!cursor.value() || !cursor.value()->reason.empty()) return {};
  return context_.cursors.Mark(settings_.name, kReleased);
}

/// After a stop only the status is left.
void ManagedPlugin::End(Life& life) {
  {
    const MutexLock lock(mutex_);
    status_ = StatusNow();
    life_ = nullptr;
  }
  if (auto end = life.lane->End()) resume_ = std::move(end);
  life.lane.reset();  // It refers to the instance.
  life.instance.reset();
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

PluginStatus ManagedPlugin::GetStatus() const {
  const MutexLock lock(mutex_);
  return StatusNow();
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
  const LaneProgress progress = life_->lane->Progress();
  status.acknowledged = progress.acknowledged;
  status.lag = progress.committed - std::min(progress.committed, progress.acknowledged);
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
