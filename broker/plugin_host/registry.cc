#include "plugin_host/registry.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <utility>

#include "event/machine.h"
#include "event/mutex.h"
#include "plugin_host/blame.h"
#include "plugin_host/library_watch.h"
#include "plugin_host/module_trust.h"

namespace broker {
namespace {

/// What `body()` answers, or throws: one instance for which there is no thread, say, must not keep
/// the others from what they are to become.
template <class Body>
Status Caught(Body&& body) {
  try {
    return body();
  } catch (const std::exception& error) {
    return {StatusCode::kInternal, error.what()};
  }
}

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
  std::vector<AppliedChange> Apply(const Settings& settings, const PluginChanges& changes);
  [[nodiscard]] std::vector<PluginSettings> Tables() const;
  [[nodiscard]] std::vector<PluginStatus> List() const;
  [[nodiscard]] std::vector<PluginStatus> Owing(EventType type, Seq seq) const;

 private:
  using WhyNot = Status (ManagedPlugin::*)() const;
  using Take = Status (ManagedPlugin::*)(std::shared_ptr<const Module>, LaneOptions);

  struct Entry {
    Entry(const HostContext& context, const PluginSettings& settings, const PluginPlaces& places)
        : plugin(context, settings, places) {}

    ManagedPlugin plugin;
    Mutex steering;                     ///< Held by who brings it up or down while the broker runs.
    std::atomic<bool> busy = false;     ///< Somebody does. Set before `stopping_` is looked at.
    std::atomic<bool> retired = false;  ///< Another one has its name, or none.
  };
  using EntryRef = std::shared_ptr<Entry>;

  /// Says so as long as it lives.
  class Busy {
   public:
    explicit Busy(Entry& entry) : entry_(entry) { entry_.busy = true; }
    ~Busy() { entry_.busy = false; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    Entry& entry_;
  };

  [[nodiscard]] Result<EntryRef> Find(const std::string& instance) const;
  [[nodiscard]] std::vector<EntryRef> Entries() const;
  /// Calls `body()`, nobody else steering the instance.
  template <class Body>
  Status Steer(Entry& entry, Body&& body);
  Status Renew(const std::string& instance, WhyNot why_not, Take take);
  Status AddNew(const PluginSettings& table);
  Status Change(const PluginSettings& table);
  void Remove(const std::string& instance);
  Status BringUp(Entry& entry);
  void Retire(const EntryRef& entry, const EntryRef& successor);
  void PutInOrder(const Settings& settings);
  void Follow(const Settings& settings);

  const HostContext context_;
  LaneOptions lane_;
  PluginPlaces places_;  ///< Changed by Apply alone, once it is loaded.
  std::atomic<bool> stopping_ = false;
  Mutex applying_;  ///< Held while the configuration is applied; before the others.
  mutable Mutex mutex_;
  std::vector<EntryRef> entries_ USHER_GUARDED_BY(mutex_);
  /// What is not configured any more, but must not be freed.
  std::vector<EntryRef> kept_ USHER_GUARDED_BY(mutex_);
  LibraryWatch watch_;  ///< Its thread reloads.
};

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

template <class Body>
Status PluginRegistry::Impl::Steer(Entry& entry, Body&& body) {
  const MutexLock lock(entry.steering);
  if (entry.retired) {
    return {StatusCode::kUnavailable, "the configuration of '" + entry.plugin.Settings().name +
                                          "' was changed meanwhile; try again"};
  }
  const Busy busy(entry);
  return stopping_ ? Status(StatusCode::kStopped, "the broker is stopping") : body();
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

std::vector<AppliedChange> PluginRegistry::Impl::Apply(const Settings& settings,
                                                       const PluginChanges& changes) {
  const MutexLock lock(applying_);
  places_.libraries = settings.plugin_directory;
  for (const std::string& instance : changes.removed) Remove(instance);
  const auto among = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  std::vector<AppliedChange> outcomes;
  for (const PluginSettings& table : settings.plugins) {
    if (among(changes.changed, table.name)) {
      outcomes.push_back({table.name, Caught([&] { return Change(table); })});
    } else if (among(changes.added, table.name)) {
      outcomes.push_back({table.name, Caught([&] { return AddNew(table); })});
    }
  }
  PutInOrder(settings);
  if (!stopping_) Follow(settings);
  return outcomes;
}

void PluginRegistry::Impl::Remove(const std::string& instance) {
  const Result<EntryRef> found = Find(instance);
  if (!found.ok()) return;
  // Where the broker stops, its end takes the instance down.
  static_cast<void>(Steer(*found.value(), [&] {
    found.value()->plugin.TakeDown();
    found.value()->retired = true;
    Retire(found.value(), nullptr);
    return Status();
  }));
}

Status PluginRegistry::Impl::AddNew(const PluginSettings& table) {
  const auto entry = std::make_shared<Entry>(context_, table, places_);
  {
    const MutexLock lock(mutex_);
    entries_.push_back(entry);
  }
  return Steer(*entry, [&] {
    if (table.enabled) {
      entry->plugin.LoadWithCare(lane_);
    } else {
      entry->plugin.StayDisabled();
    }
    return BringUp(*entry);
  });
}

Status PluginRegistry::Impl::Change(const PluginSettings& table) {
  const Result<EntryRef> found = Find(table.name);
  if (!found.ok()) return found.status();
  Entry& before = *found.value();
  const auto after = std::make_shared<Entry>(context_, table, places_);
  return Steer(before, [&] {
    Status succeeded = after->plugin.Succeed(before.plugin, lane_);
    if (!succeeded.ok()) {
      return succeeded.Annotate("the change is not applied");
    }
    before.retired = true;
    Retire(found.value(), after);
    return Steer(*after, [&] { return BringUp(*after); });
  });
}

/// Unless it is not to run.
Status PluginRegistry::Impl::BringUp(Entry& entry) {
  const PluginState state = entry.plugin.GetStatus().state;
  if (state == PluginState::kDisabled || state == PluginState::kQuarantined) return {};
  return entry.plugin.Activate(kSteeringDeadline);
}

/// Puts `successor`, which may be none, into the entry's place. Where a thread is still inside, or
/// may be, nothing of it is ever freed.
void PluginRegistry::Impl::Retire(const EntryRef& entry, const EntryRef& successor) {
  const MutexLock lock(mutex_);
  const auto place = std::ranges::find(entries_, entry);
  if (entry->plugin.LeftBehind() || entry->plugin.KeepsLibrary()) kept_.push_back(entry);
  if (successor == nullptr) {
    entries_.erase(place);
  } else {
    *place = successor;
  }
}

void PluginRegistry::Impl::PutInOrder(const Settings& settings) {
  const auto place = [&settings](const EntryRef& entry) {
    const std::string& name = entry->plugin.Settings().name;
    return std::ranges::find(settings.plugins, name, &PluginSettings::name);
  };
  const MutexLock lock(mutex_);
  std::ranges::stable_sort(entries_, {}, place);
}

std::vector<PluginSettings> PluginRegistry::Impl::Tables() const {
  std::vector<PluginSettings> tables;
  for (const EntryRef& entry : Entries()) tables.push_back(entry->plugin.Settings());
  return tables;
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
