#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "dispatch/lane.h"
#include "event/mutex.h"
#include "plugin_host/host_context.h"
#include "plugin_host/instance.h"
#include "plugin_host/module.h"
#include "plugin_host/plugin_state.h"
#include "settings/settings.h"

namespace broker {

/// One row of `usherctl plugins`.
struct PluginStatus {
  std::string instance;
  std::string id;  ///< From the descriptor; empty if the library could not be loaded.
  std::string version;
  std::string library;  ///< The file it was loaded from.
  PluginState state = PluginState::kStopped;
  uint32_t strikes = 0;        ///< Within the window.
  int64_t quarantined_us = 0;  ///< UTC, since when; 0 = it is not.
  Seq acknowledged = 0;
  Seq lag = 0;             ///< Events between its cursor and the log's end.
  std::string last_error;  ///< Sentence; empty if none.
};

/// Where plugins' libraries are, and what belongs to them is kept. A value.
struct PluginPlaces {
  std::string configuration;  ///< The file: libraries' relative paths start at its folder.
  std::string libraries;      ///< The folder where bare names are found.
  std::string copies;         ///< The folder of the copies that are loaded.
  std::string storage;        ///< The folder of the instances' own folders.
};

/// Libraries that were loaded, or could not be, by their files: instances that come up together
/// share them.
using LoadedModules = std::map<std::string, Result<std::shared_ptr<const Module>>>;

/// One table [plugins.NAME] of the configuration: its instance can be brought up and taken down any
/// number of times. What fails on the way is a plugin.failed event, a sentence in the diagnostics,
/// and in the status.
///
/// GetStatus from any thread; the rest from one thread at a time.
class ManagedPlugin {
 public:
  /// What `context` refers to must outlive this, and where LeftBehind, the process.
  ManagedPlugin(const HostContext& context, PluginSettings settings, const PluginPlaces& places);
  ~ManagedPlugin();
  ManagedPlugin(const ManagedPlugin&) = delete;
  ManagedPlugin& operator=(const ManagedPlugin&) = delete;

  [[nodiscard]] const PluginSettings& Settings() const { return settings_; }

  /// Notes that it is disabled: it will not see what happens from now on, whenever it is enabled.
  void Disable();
  /// It cannot be loaded.
  void LoadFailed(const Status& why);

  /// Unless it is quarantined: loads the library (trust first, then ABI and needs) and makes an
  /// instance with its lane. `lane` is the template for that; its `instance` is filled in here.
  /// Must not be loaded.
  void Load(LoadedModules& modules, LaneOptions lane);

  /// Activates what Load made, if anything. Waits for it up to `deadline`; who is not up by then
  /// goes on by itself.
  void Activate(std::chrono::milliseconds deadline);

  /// Takes the instance down and unloads it. After `deadline` it is abandoned, a plugin.overdue
  /// event; false.
  bool Stop(std::chrono::milliseconds deadline);

  /// Forgets the strikes of one that is quarantined or was abandoned, and notes that it is to start
  /// at the log's end, whatever it has not seen; Load and Activate come next. kInvalid: it is
  /// neither.
  Status Release();

  /// Whether an instance was abandoned since the broker started: its thread sits in the library's
  /// code, so the process must end by _exit.
  [[nodiscard]] bool LeftBehind() const;

  [[nodiscard]] PluginStatus GetStatus() const;

 private:
  /// An instance and the lane whose thread is in it. One that is stuck in a call owns itself: that
  /// thread may return into the library's code at any time, so nothing of it may ever be freed.
  struct Life {
    std::unique_ptr<Instance> instance;
    std::shared_ptr<Lane> lane;
    std::shared_ptr<Life> self;
  };

  [[nodiscard]] std::shared_ptr<Life> Current() const;
  [[nodiscard]] bool IsQuarantined();
  Result<std::shared_ptr<const Module>> LoadModule(const std::string& file);
  void LeaveBehind() noexcept;
  Status MarkReleased();
  void End(Life& life);
  [[nodiscard]] PluginStatus StatusNow() const USHER_REQUIRES(mutex_);
  void Note(std::string error);
  void Announce(EventType type, const Details& details);
  void Say(Severity severity, const std::string& text);

  const HostContext context_;
  const PluginSettings settings_;
  const PluginPlaces places_;

  mutable Mutex mutex_;
  PluginStatus status_ USHER_GUARDED_BY(mutex_);  ///< What does not change while it runs.
  std::shared_ptr<Life> life_ USHER_GUARDED_BY(mutex_);
  bool left_behind_ USHER_GUARDED_BY(mutex_) = false;
  bool abandoned_ USHER_GUARDED_BY(mutex_) =
      false;  ///< The last instance was, and is not replaced.
};

}  // namespace broker
