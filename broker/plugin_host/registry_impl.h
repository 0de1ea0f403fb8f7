#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "event/mutex.h"
#include "plugin_host/library_watch.h"
#include "plugin_host/registry.h"

namespace broker {

/// How long an instance that is brought up while the broker runs is waited for.
inline constexpr std::chrono::milliseconds kSteeringDeadline{2000};

/// How a PluginRegistry works. Its functions are in two files: registry_apply.cc, what a changed
/// configuration does to the instances; registry.cc, the rest.
class PluginRegistry::Impl {
 public:
  explicit Impl(const HostContext& context);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Load(const Settings& settings, const LaneOptions& lane);
  void Activate(std::chrono::milliseconds deadline);
  void EndAgentsOf(const std::vector<std::string>& instances);
  void PrepareToStop() noexcept;
  std::vector<std::string> Stop(std::chrono::milliseconds deadline);
  [[nodiscard]] bool KeepsLibraries() const;
  Status Release(const std::string& instance);
  Status Disable(const std::string& instance);
  Status Enable(const std::string& instance);
  Status Reload(const std::string& instance);
  Result<TracePage> Trace(const std::string& instance, uint64_t after,
                          std::chrono::milliseconds wait);
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

}  // namespace broker
