#include "plugin_host/managed_plugin.h"

#include <algorithm>
#include <utility>

#include "event/text.h"

namespace broker {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxErrorBytes = 2048;
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
      loader_(context_, settings_, LibraryFile(places_, settings_.library), places_.copies,
              [this](const LeftThreads& left) { KeepLibrary(&left); }) {
  status_.instance = settings_.name;
  status_.library = loader_.File();
}

ManagedPlugin::~ManagedPlugin() = default;

void ManagedPlugin::LoadFailed(const Status& why) {
  const std::string error = ToUtf8(why.message(), kMaxErrorBytes);  // It may quote the library.
  std::string library;
  {
    const MutexLock lock(mutex_);
    if (status_.state != PluginState::kQuarantined) status_.state = PluginState::kFailed;
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

Result<std::shared_ptr<const Module>> ManagedPlugin::LoadAnew() {
  auto module = LoadChecked();
  if (module.ok()) return module;
  return Refused(loader_.File(), module.status());
}

/// The library cannot be loaded, so everything stays as it is.
Status ManagedPlugin::Refused(const std::string& library, const Status& why) {
  const PluginState state = GetStatus().state;
  const std::string stays = state == PluginState::kRunning
                                ? "it is not loaded anew, the one that runs goes on: "
                                : "it stays " + std::string(Name(state)) + ": ";
  const std::string error = ToUtf8(stays + why.message(), kMaxErrorBytes);
  {
    const MutexLock lock(mutex_);
    refused_ = error;
  }
  Announce(EventType::kPluginFailed, {{"library", library}, {"call", "load"}, {"error", error}},
           kNotReloaded);
  Say(Severity::kError, error);
  return {why.code(), error};
}

Result<std::shared_ptr<const Module>> ManagedPlugin::LoadChecked() {
  const Result<Health> health = LoadHealth();
  if (!health.ok()) return health.status();
  auto module = loader_.LoadWithCare();
  if (!module.ok()) return module;
  const std::string id = GetStatus().id;
  if (id.empty() || module.value()->Info().id == id) return module;
  const std::string other = module.value()->Info().id;
  Unload(nullptr, std::move(module).value());
  return Status(StatusCode::kInvalid, "'" + loader_.File() + "' has become another plugin, '" +
                                          other + "' instead of '" + id +
                                          "': give that an instance of its own");
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

void ManagedPlugin::TakeDown() {
  Stop(OwnLimits(), false);
}

Status ManagedPlugin::Succeed(ManagedPlugin& before, LaneOptions lane) {
  std::shared_ptr<const Module> module;
  if (IsToRun()) {
    auto loaded = loader_.LoadWithCare();
    if (!loaded.ok()) {
      before.KeepAlso(*this);
      return before.Refused(loader_.File(), loaded.status());
    }
    module = std::move(loaded).value();
  }
  bool passed_by = before.GetStatus().state == PluginState::kDisabled;
  before.TakeDown();
  trace_ = before.trace_;
  resume_ = std::exchange(before.resume_, {});
  {
    const uint64_t skipped = before.GetStatus().skipped;
    const MutexLock lock(mutex_);
    status_.skipped = skipped;
  }
  if (before.WasAbandoned()) {  // Nobody knows where it stood.
    resume_.reset();
    passed_by = true;
    const Status marked = MarkReleased();
    if (!marked.ok()) Say(Severity::kWarning, marked.message());
  }
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

bool ManagedPlugin::WasAbandoned() const {
  const MutexLock lock(mutex_);
  return abandoned_;
}

std::shared_ptr<ManagedPlugin::Life> ManagedPlugin::Current() const {
  const MutexLock lock(mutex_);
  return life_;
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
  status.skipped += life_->instance->SkippedEvents();
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
