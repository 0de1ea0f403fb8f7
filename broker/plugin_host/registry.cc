#include "plugin_host/registry.h"

#include <algorithm>
#include <filesystem>
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
  std::vector<std::string> Stop(milliseconds deadline);
  Status Release(const std::string& instance);
  Status Disable(const std::string& instance);
  Status Enable(const std::string& instance);
  Status Reload(const std::string& instance);
  Result<TracePage> Trace(const std::string& instance, uint64_t after, milliseconds wait);
  [[nodiscard]] std::vector<PluginStatus> List() const;

 private:
  [[nodiscard]] Result<ManagedPlugin*> Find(const std::string& instance) const;
  /// Calls `body(ManagedPlugin&)`, nobody else steering.
  template <class Body>
  Status Steer(const std::string& instance, Body&& body);
  Status BringUp(ManagedPlugin& plugin);
  void Watch(const ManagedPlugin& plugin, bool allowed);

  const HostContext context_;
  LaneOptions lane_;
  Mutex steering_;  ///< Held by who brings instances up and down while the broker runs.
  bool stopping_ USHER_GUARDED_BY(steering_) = false;
  // Plugins are added by Load and never removed, so that the main thread may use them without the
  // lock; the lock is for what List sees.
  std::vector<std::unique_ptr<ManagedPlugin>> order_;
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
  for (const auto& plugin : order_) static_cast<void>(plugin->Activate(countdown.Left()));
  watch_.Start();
}

std::vector<std::string> PluginRegistry::Impl::Stop(milliseconds deadline) {
  watch_.Stop();
  const MutexLock steering(steering_);
  stopping_ = true;
  const Countdown countdown(deadline);
  std::vector<std::string> stuck;
  std::for_each(order_.rbegin(), order_.rend(), [&](const std::unique_ptr<ManagedPlugin>& plugin) {
    plugin->Stop(countdown.Left());
    if (plugin->LeftBehind()) stuck.push_back(plugin->Settings().name);
  });
  return stuck;
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
Status PluginRegistry::Impl::Steer(const std::string& instance, Body&& body) {
  const Result<ManagedPlugin*> plugin = Find(instance);
  if (!plugin.ok()) return plugin.status();
  const MutexLock steering(steering_);
  if (stopping_) return {StatusCode::kStopped, "the broker is stopping"};
  return body(*plugin.value());
}

Status PluginRegistry::Impl::BringUp(ManagedPlugin& plugin) {
  LoadedModules modules;
  plugin.Load(modules, lane_);
  return plugin.Activate(kSteeringDeadline);
}

Status PluginRegistry::Impl::Release(const std::string& instance) {
  return Steer(instance, [this](ManagedPlugin& plugin) {
    Status released = plugin.Release();
    return released.ok() ? BringUp(plugin) : released;
  });
}

Status PluginRegistry::Impl::Disable(const std::string& instance) {
  return Steer(instance, [](ManagedPlugin& plugin) { return plugin.Disable(kSteeringDeadline); });
}

Status PluginRegistry::Impl::Enable(const std::string& instance) {
  return Steer(instance, [this](ManagedPlugin& plugin) {
    Status enabled = plugin.Enable();
    return enabled.ok() ? BringUp(plugin) : enabled;
  });
}

Status PluginRegistry::Impl::Reload(const std::string& instance) {
  const Result<ManagedPlugin*> found = Find(instance);
  if (!found.ok()) return found.status();
  // Takes its time, and nobody else must wait for it.
  auto module = found.value()->LoadAnew();
  if (!module.ok()) return module.status();
  return Steer(instance, [&](ManagedPlugin& plugin) {
    Status replaced = plugin.Replace(std::move(module).value(), lane_, kSteeringDeadline);
    return replaced.ok() ? plugin.Activate(kSteeringDeadline) : replaced;
  });
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

PluginRegistry::PluginRegistry(const HostContext& context)
    : impl_(std::make_unique<Impl>(context)) {}
PluginRegistry::~PluginRegistry() = default;

void PluginRegistry::Load(const Settings& settings, const LaneOptions& lane) {
  impl_->Load(settings, lane);
}

void PluginRegistry::Activate(milliseconds deadline) {
  impl_->Activate(deadline);
}

std::vector<std::string> PluginRegistry::Stop(milliseconds deadline) {
  return impl_->Stop(deadline);
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

}  // namespace broker
