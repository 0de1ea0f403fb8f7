#include "plugin_host/registry.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "event/machine.h"
#include "plugin_host/blame.h"
#include "plugin_host/host_services/left_launches.h"
#include "plugin_host/module_trust.h"
#include "plugin_host/registry_impl.h"

namespace broker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kForgottenStopDeadline{5000};
constexpr milliseconds kLeastDeadline{200};
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

HostContext Equipped(HostContext context) {
  if (context.left == nullptr) {
    context.left =
        std::make_shared<LeftLaunches>(context.launcher, context.announcer, context.clock);
  }
  if (context.monitor == nullptr) context.monitor = std::make_shared<CallMonitor>();
  context.monitor->Start();
  return context;
}

}  // namespace

PluginRegistry::Impl::Impl(const HostContext& context)
    : context_(Equipped(context)),
      // What comes of it is told by the instance.
      watch_([this](const std::string& instance) { static_cast<void>(Reload(instance)); }) {}

PluginRegistry::Impl::~Impl() {
  Stop(kForgottenStopDeadline);
  context_.monitor->Stop();
}

void PluginRegistry::Impl::Load(const Settings& settings, const LaneOptions& lane) {
  places_ = {settings.file, settings.plugin_directory, CopiesFolder(settings),
             PrepareStorage(settings, context_.simulated)};
  StrikeBlamed(context_);
  lane_ = lane;
  const Status prepared = PrepareCopyDirectory(places_.copies);
  LoadedModules modules;
  for (const PluginSettings& each : settings.plugins) {
    auto entry = std::make_shared<Entry>(context_, each, places_);
    if (!each.enabled) {
      entry->plugin.StayDisabled();
    } else if (!prepared.ok()) {
      entry->plugin.LoadFailed(prepared);
    } else {
      entry->plugin.Load(modules, lane);
    }
    const MutexLock lock(mutex_);
    entries_.push_back(std::move(entry));
  }
  Follow(settings);
}

/// A library that somebody may replace at any time runs as soon as it is there: of the system's
/// administrator, that asks for two decisions.
void PluginRegistry::Impl::Follow(const Settings& settings) {
  const bool allowed = settings.allow_watch || !RunsPrivileged();
  std::vector<WatchedLibrary> libraries;
  for (const EntryRef& entry : Entries()) {
    const PluginSettings& plugin = entry->plugin.Settings();
    if (!plugin.watch || !plugin.enabled) continue;
    if (allowed) {
      libraries.push_back({plugin.name, entry->plugin.GetStatus().library});
      continue;
    }
    context_.diagnostics.Log(Severity::kWarning, "plugin " + plugin.name,
                             "its library is not watched, as the broker runs privileged: "
                             "'allow_watch = true' in the configuration's first part allows it");
  }
  watch_.Follow(libraries);
}

void PluginRegistry::Impl::Activate(milliseconds deadline) {
  const Countdown countdown(deadline);
  // Who failed has told.
  for (const EntryRef& entry : Entries()) {
    const Busy busy(*entry);
    if (!stopping_) static_cast<void>(entry->plugin.Activate(countdown.Left()));
  }
  if (!stopping_) watch_.Start();
}

std::vector<std::string> PluginRegistry::Impl::Stop(milliseconds deadline) {
  PrepareToStop();
  const MutexLock applied(applying_);
  watch_.Stop();
  const Countdown countdown(deadline);
  std::vector<std::string> stuck;
  std::vector<EntryRef> entries = Entries();
  std::reverse(entries.begin(), entries.end());
  for (const EntryRef& entry : entries) {
    const MutexLock steering(entry->steering);
    entry->plugin.Stop(countdown.Left());
  }
  const MutexLock lock(mutex_);
  entries.insert(entries.end(), kept_.begin(), kept_.end());
  for (const EntryRef& entry : entries) {
    if (entry->plugin.LeftBehind()) stuck.push_back(entry->plugin.Settings().name);
  }
  return stuck;
}

bool PluginRegistry::Impl::KeepsLibraries() const {
  const MutexLock lock(mutex_);
  const auto keeps = [](const EntryRef& entry) { return entry->plugin.KeepsLibrary(); };
  return std::ranges::any_of(entries_, keeps) || std::ranges::any_of(kept_, keeps);
}

Result<PluginRegistry::Impl::EntryRef> PluginRegistry::Impl::Find(
    const std::string& instance) const {
  const MutexLock lock(mutex_);
  const auto found = std::ranges::find_if(
      entries_, [&](const EntryRef& entry) { return entry->plugin.Settings().name == instance; });
  if (found != entries_.end()) return *found;
  return Status(StatusCode::kNotFound, "there is no instance '" + instance + "'");
}

std::vector<PluginRegistry::Impl::EntryRef> PluginRegistry::Impl::Entries() const {
  const MutexLock lock(mutex_);
  return entries_;
}

/// Makes an instance by `take` of the library as it is now, and brings it up. Loading takes its
/// time, and nobody else must wait for it.
Status PluginRegistry::Impl::Renew(const std::string& instance, WhyNot why_not, Take take) {
  const Result<EntryRef> found = Find(instance);
  if (!found.ok()) return found.status();
  ManagedPlugin& plugin = found.value()->plugin;
  Status possible = (plugin.*why_not)();
  if (!possible.ok()) return possible;
  auto module = plugin.LoadAnew();
  if (!module.ok()) return module.status();
  return Steer(*found.value(), [&] {
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
  const Result<EntryRef> found = Find(instance);
  if (!found.ok()) return found.status();
  Entry& entry = *found.value();
  return Steer(entry, [&entry] { return entry.plugin.Disable(); });
}

void PluginRegistry::Impl::EndAgentsOf(const std::vector<std::string>& instances) {
  for (const std::string& instance : instances) context_.left->End(instance);
}

void PluginRegistry::Impl::PrepareToStop() noexcept {
  stopping_ = true;
  if (context_.probe != nullptr) context_.probe->End();
  const MutexLock lock(mutex_);
  for (const EntryRef& entry : entries_) {
    if (entry->busy) entry->plugin.Hurry();
  }
}

Result<TracePage> PluginRegistry::Impl::Trace(const std::string& instance, uint64_t after,
                                              milliseconds wait) {
  const Result<EntryRef> entry = Find(instance);
  if (!entry.ok()) return entry.status();
  return entry.value()->plugin.Trace().Read(after, wait);
}

std::vector<PluginStatus> PluginRegistry::Impl::List() const {
  std::vector<PluginStatus> list;
  for (const EntryRef& entry : Entries()) list.push_back(entry->plugin.GetStatus());
  return list;
}

std::vector<PluginStatus> PluginRegistry::Impl::Owing(EventType type, Seq seq) const {
  std::vector<PluginStatus> owing;
  for (const EntryRef& entry : Entries()) {
    if (entry->plugin.Owes(type, seq)) owing.push_back(entry->plugin.GetStatus());
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

void PluginRegistry::EndAgentsOf(const std::vector<std::string>& instances) {
  impl_->EndAgentsOf(instances);
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

std::vector<AppliedChange> PluginRegistry::Apply(const Settings& settings,
                                                 const PluginChanges& changes) {
  return impl_->Apply(settings, changes);
}

std::vector<PluginSettings> PluginRegistry::Tables() const {
  return impl_->Tables();
}

std::vector<PluginStatus> PluginRegistry::List() const {
  return impl_->List();
}

std::vector<PluginStatus> PluginRegistry::Owing(EventType type, Seq seq) const {
  return impl_->Owing(type, seq);
}

}  // namespace broker
