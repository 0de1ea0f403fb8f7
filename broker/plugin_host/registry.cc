#include "plugin_host/registry.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "event/mutex.h"
#include "plugin_host/blame.h"
#include "plugin_host/module_trust.h"

namespace broker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kForgottenStopDeadline{5000};
constexpr milliseconds kLeastDeadline{200};
constexpr milliseconds kSteeringDeadline{2000};
constexpr const char* kCopies = "/modules";
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
  explicit Impl(const HostContext& context) : context_(Watched(context)) {}
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Load(const Settings& settings, const LaneOptions& lane);
  void Activate(milliseconds deadline);
  std::vector<std::string> Stop(milliseconds deadline);
  Status Release(const std::string& instance);
  [[nodiscard]] std::vector<PluginStatus> List() const;

 private:
  const HostContext context_;
  LaneOptions lane_;
  Mutex steering_;  ///< Held by who brings instances up and down while the broker runs.
  bool stopping_ USHER_GUARDED_BY(steering_) = false;
  // Plugins are added by Load and never removed, so that the main thread may use them without the
  // lock; the lock is for what List sees.
  std::vector<std::unique_ptr<ManagedPlugin>> order_;
  mutable Mutex mutex_;
  std::vector<ManagedPlugin*> plugins_ USHER_GUARDED_BY(mutex_);
};

PluginRegistry::Impl::~Impl() {
  Stop(kForgottenStopDeadline);
  context_.monitor->Stop();
}

void PluginRegistry::Impl::Load(const Settings& settings, const LaneOptions& lane) {
  const PluginPlaces places{settings.file, settings.plugin_directory,
                            settings.state_directory + kCopies,
                            PrepareStorage(settings, context_.simulated)};
  StrikeBlamed(context_);
  lane_ = lane;
  const Status prepared = PrepareCopyDirectory(places.copies);
  LoadedModules modules;
  for (const PluginSettings& each : settings.plugins) {
    auto plugin = std::make_unique<ManagedPlugin>(context_, each, places);
    if (!each.enabled) {
      plugin->Disable();
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

void PluginRegistry::Impl::Activate(milliseconds deadline) {
  const Countdown countdown(deadline);
  for (const auto& plugin : order_) plugin->Activate(countdown.Left());
}

std::vector<std::string> PluginRegistry::Impl::Stop(milliseconds deadline) {
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

Status PluginRegistry::Impl::Release(const std::string& instance) {
  const MutexLock steering(steering_);
  if (stopping_) return {StatusCode::kStopped, "the broker is stopping"};
  const auto found = std::find_if(order_.begin(), order_.end(), [&](const auto& plugin) {
    return plugin->Settings().name == instance;
  });
  if (found == order_.end()) {
    return {StatusCode::kNotFound, "there is no instance '" + instance + "'"};
  }
  ManagedPlugin& plugin = **found;
  Status released = plugin.Release();
  if (!released.ok()) return released;
  LoadedModules modules;
  plugin.Load(modules, lane_);
  plugin.Activate(kSteeringDeadline);
  return {};
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

std::vector<PluginStatus> PluginRegistry::List() const {
  return impl_->List();
}

}  // namespace broker
