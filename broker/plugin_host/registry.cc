#include "plugin_host/registry.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <utility>

#include "event/machine.h"
#include "event/mutex.h"
#include "plugin_host/blame.h"
#include "plugin_host/library_watch.h"
#include "plugin_host/module_trust.h"

namespace broker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kForgottenStopDeadline{5000};
constexpr milliseconds kLeastDeadline{200};
constexpr milliseconds kSteeringDeadline{2000};
constexpr const char* kStorage = "/plugins/";
constexpr const char* kSimulatedStorage = "/simulated-plugins/";

/// What is left of a deadline that several share. Whoever comes late still gets a moment: most
/// plugins need no more.
class Countdown {
 public:
  explicit Countdown(milliseconds whole)
      : least_(std::min(whole, kLeastDeadline)), end_(std::chrono::steady_clock::now() + whole) {}
  [[nodiscard]] milliseconds Left() const {
    const auto left = std::chrono::ceil<milliseconds>(end_ - std::chrono::steady_clock::now());
    return std::max(left, least_);
  }

 private:
  const milliseconds least_;
  const std::chrono::steady_clock::time_point end_;
};

/// Where instances keep their values. What a simulation stores must not touch the real ones, and
/// does not outlive it.
std::string PrepareStorage(const Settings& settings, bool simulated) {
  if (!simulated) return settings.state_directory + kStorage;
  std::string directory = settings.runtime_directory + kSimulatedStorage;
  std::error_code ignored;  // What is left there is at worst a stale value of another simulation.
  std::filesystem::remove_all(directory, ignored);
  return directory;
}

HostContext Watched(HostContext context) {
  if (context.monitor == nullptr) context.monitor = std::make_shared<CallMonitor>();
  context.monitor->Start();
  return context;
}

}  // namespace

class PluginRegistry::Impl {
 public:
  explicit Impl(const HostContext& context)
      : context_(Watched(context)),
        // What comes of it is told by the instance.
        watch_([this](const std::string& instance) { static_cast<void>(Reload(instance)); }) {}
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Load(const Settings& settings, const LaneOptions& lane);
  void Activate(milliseconds deadline);
  void PrepareToStop() noexcept;
  std::vector<std::string> Stop(milliseconds deadline);
  [[nodiscard]] bool KeepsLibraries() const;
  Status Release(const std::string& instance);
  Status Disable(const std::string& instance);
  Status Enable(const std::string& instance);
  Status Reload(const std::string& instance);
  Result<TracePage> Trace(const std::string& instance, uint64_t after, milliseconds wait);
  [[nodiscard]] std::vector<PluginStatus> List() const;
  [[nodiscard]] std::vector<PluginStatus> Owing(EventType type, Seq seq) const;

 private:
  using WhyNot = Status (ManagedPlugin::*)() const;
  using Take = Status (ManagedPlugin::*)(std::shared_ptr<const Module>, LaneOptions);

  /// Held by who brings an instance up or down while the broker runs.
  struct Steering {
    Mutex mutex;
    std::atomic<bool> busy = false;  ///< Set before `stopping_` is looked at.
  };

  [[nodiscard]] Result<ManagedPlugin*> Find(const std::string& instance) const;
  /// Calls `body()`, nobody else steering the instance.
  template <class Body>
  Status Steer(ManagedPlugin& plugin, Body&& body);
  Status Renew(const std::string& instance, WhyNot why_not, Take take);
  void Watch(const ManagedPlugin& plugin, bool allowed);

  const HostContext context_;
  LaneOptions lane_;
  std::atomic<bool> stopping_ = false;
  // Plugins are added by Load and never removed, so that the main thread may use them without the
  // lock; the lock is for what List sees.
  std::vector<std::unique_ptr<ManagedPlugin>> order_;
  std::map<const ManagedPlugin*, std::unique_ptr<Steering>> steering_;
  mutable Mutex mutex_;
  std::vector<ManagedPlugin*> plugins_ USHER_GUARDED_BY(mutex_);
  LibraryWatch watch_;  ///< Its thread reloads.
};

PluginRegistry::Impl::~Impl() {
  Stop(kForgottenStopDeadline);
  context_.monitor->Stop();
}

void PluginRegistry::Impl::Load(const Settings& settings, const LaneOptions& lane) {
  const PluginPlaces places{settings.file, settings.plugin_directory, CopiesFolder(settings),
                            PrepareStorage(settings, context_.simulated)};
  StrikeBlamed(context_);
  lane_ = lane;
  const Status prepared = PrepareCopyDirectory(places.copies);
  LoadedModules modules;
  for (const PluginSettings& each : settings.plugins) {
    auto plugin = std::make_unique<ManagedPlugin>(context_, each, places);
    Watch(*plugin, settings.allow_watch || !RunsPrivileged());
    if (!each.enabled) {
      plugin->StayDisabled();
    } else if (!prepared.ok()) {
      plugin->LoadFailed(prepared);
    } else {
      plugin->Load(modules, lane);
    }
    const MutexLock lock(mutex_);
    steering_.emplace(plugin.get(), std::make_unique<Steering>());
    plugins_.push_back(plugin.get());
    order_.push_back(std::move(plugin));
  }
}

/// A library that somebody may replace at any time runs as soon as it is there: of the system's
/// administrator, that asks for two decisions.
void PluginRegistry::Impl::Watch(const ManagedPlugin& plugin, bool allowed) {
  const PluginSettings& settings = plugin.Settings();
  if (!settings.watch || !settings.enabled) return;
  if (allowed) {
    watch_.Add(settings.name, plugin.GetStatus().library);
    return;
  }
  context_.diagnostics.Log(Severity::kWarning, "plugin " + settings.name,
                           "its library is not watched, as the broker runs privileged: "
                           "'allow_watch = true' in the configuration's first part allows it");
}

void PluginRegistry::Impl::Activate(milliseconds deadline) {
  const Countdown countdown(deadline);
  // Who failed has told.
  for (const auto& plugin : order_) {
    Steering& steering = *steering_.at(plugin.get());
    steering.busy = true;
    if (!stopping_) static_cast<void>(plugin->Activate(countdown.Left()));
    steering.busy = false;
  }
  if (!stopping_) watch_.Start();
}

std::vector<std::string> PluginRegistry::Impl::Stop(milliseconds deadline) {
  PrepareToStop();
  watch_.Stop();
  const Countdown countdown(deadline);
  std::vector<std::string> stuck;
  std::for_each(order_.rbegin(), order_.rend(), [&](const std::unique_ptr<ManagedPlugin>& plugin) {
    const MutexLock steering(steering_.at(plugin.get())->mutex);
    plugin->Stop(countdown.Left());
    if (plugin->LeftBehind()) stuck.push_back(plugin->Settings().name);
  });
  return stuck;
}

bool PluginRegistry::Impl::KeepsLibraries() const {
  return std::any_of(order_.begin(), order_.end(),
                     [](const auto& plugin) { return plugin->KeepsLibrary(); });
}

Result<ManagedPlugin*> PluginRegistry::Impl::Find(const std::string& instance) const {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(plugins_.begin(), plugins_.end(), [&](const auto* plugin) {
    return plugin->Settings().name == instance;
  });
  if (found != plugins_.end()) return *found;
  return Status(StatusCode::kNotFound, "there is no instance '" + instance + "'");
}

template <class Body>
Status PluginRegistry::Impl::Steer(ManagedPlugin& plugin, Body&& body) {
  Steering& steering = *steering_.at(&plugin);
  const MutexLock lock(steering.mutex);
  steering.busy = true;
  Status status = stopping_ ? Status(StatusCode::kStopped, "the broker is stopping") : body();
  steering.busy = false;
  return status;
}

/// Makes an instance by `take` of the library as it is now, and brings it up. Loading takes its
/// time, and nobody else must wait for it.
Status PluginRegistry::Impl::Renew(const std::string& instance, WhyNot why_not, Take take) {
  const Result<ManagedPlugin*> found = Find(instance);
  if (!found.ok()) return found.status();
  ManagedPlugin& plugin = *found.value();
  Status possible = (plugin.*why_not)();
  if (!possible.ok()) return possible;
  auto module = plugin.LoadAnew();
  if (!module.ok()) return module.status();
  return Steer(plugin, [&] {
    Status taken = (plugin.*take)(std::move(module).value(), lane_);
    if (!taken.ok()) {
      plugin.ForgetBefore();
      return taken;
    }
    Status up = plugin.Activate(kSteeringDeadline);
    const bool failed = !up.ok() && up.code() != StatusCode::kTimeout;
    const bool back = failed && plugin.BringBack(lane_);
    plugin.ForgetBefore();
    if (!back) return up;
    const Status restored = plugin.Activate(kSteeringDeadline);
    return Status(up.code(), "it is not reloaded, the one before " +
                                 std::string(restored.ok() ? "runs again: "
                                                           : "does not come up again either: ") +
                                 up.message());
  });
}

Status PluginRegistry::Impl::Release(const std::string& instance) {
  return Renew(instance, &ManagedPlugin::WhyNotReleased, &ManagedPlugin::Release);
}

Status PluginRegistry::Impl::Enable(const std::string& instance) {
  return Renew(instance, &ManagedPlugin::WhyNotEnabled, &ManagedPlugin::Enable);
}

Status PluginRegistry::Impl::Reload(const std::string& instance) {
  return Renew(instance, &ManagedPlugin::WhyNotReplaced, &ManagedPlugin::Replace);
}

Status PluginRegistry::Impl::Disable(const std::string& instance) {
  const Result<ManagedPlugin*> found = Find(instance);
  if (!found.ok()) return found.status();
  ManagedPlugin& plugin = *found.value();
  return Steer(plugin, [&plugin] { return plugin.Disable(); });
}

void PluginRegistry::Impl::PrepareToStop() noexcept {
  stopping_ = true;
  if (context_.probe != nullptr) context_.probe->End();
  const MutexLock lock(mutex_);
  for (ManagedPlugin* plugin : plugins_) {
    if (steering_.at(plugin)->busy) plugin->Hurry();
  }
}

Result<TracePage> PluginRegistry::Impl::Trace(const std::string& instance, uint64_t after,
                                              milliseconds wait) {
  const Result<ManagedPlugin*> plugin = Find(instance);
  if (!plugin.ok()) return plugin.status();
  return plugin.value()->Trace().Read(after, wait);
}

std::vector<PluginStatus> PluginRegistry::Impl::List() const {
  const MutexLock lock(mutex_);
  std::vector<PluginStatus> list;
  for (const ManagedPlugin* plugin : plugins_) list.push_back(plugin->GetStatus());
  return list;
}

std::vector<PluginStatus> PluginRegistry::Impl::Owing(EventType type, Seq seq) const {
  const MutexLock lock(mutex_);
  std::vector<PluginStatus> owing;
  for (const ManagedPlugin* plugin : plugins_) {
    if (plugin->Owes(type, seq)) owing.push_back(plugin->GetStatus());
  }
  return owing;
}

PluginRegistry::PluginRegistry(const HostContext& context)
    : impl_(std::make_unique<Impl>(context)) {}
PluginRegistry::~PluginRegistry() = default;

void PluginRegistry::Load(const Settings& settings, const LaneOptions& lane) {
  impl_->Load(settings, lane);
}

void PluginRegistry::Activate(milliseconds deadline) {
  impl_->Activate(deadline);
}

void PluginRegistry::PrepareToStop() noexcept {
  impl_->PrepareToStop();
}

std::vector<std::string> PluginRegistry::Stop(milliseconds deadline) {
  return impl_->Stop(deadline);
}

bool PluginRegistry::KeepsLibraries() const {
  return impl_->KeepsLibraries();
}

Status PluginRegistry::Release(const std::string& instance) {
  return impl_->Release(instance);
}

Status PluginRegistry::Disable(const std::string& instance) {
  return impl_->Disable(instance);
}

Status PluginRegistry::Enable(const std::string& instance) {
  return impl_->Enable(instance);
}

Status PluginRegistry::Reload(const std::string& instance) {
  return impl_->Reload(instance);
}

Result<TracePage> PluginRegistry::Trace(const std::string& instance, uint64_t after,
                                        milliseconds wait) {
  return impl_->Trace(instance, after, wait);
}

std::vector<PluginStatus> PluginRegistry::List() const {
  return impl_->List();
}

std::vector<PluginStatus> PluginRegistry::Owing(EventType type, Seq seq) const {
  return impl_->Owing(type, seq);
}

}  // namespace broker
