#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "dispatch/lane.h"
#include "event/mutex.h"
#include "plugin_host/call_trace.h"
#include "plugin_host/host_context.h"
#include "plugin_host/instance.h"
#include "plugin_host/module.h"
#include "plugin_host/plugin_loader.h"
#include "plugin_host/plugin_places.h"
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
  Seq undelivered = 0;     ///< Those of them that it was not handed yet.
  uint64_t skipped = 0;    ///< Events that it never gets, those before it was new left out.
  std::string last_error;  ///< Sentence; empty if none.
};

/// Libraries that were loaded, or could not be, by their files: instances that come up together
/// share them.
using LoadedModules = std::map<std::string, Result<std::shared_ptr<const Module>>>;

/// One table [plugins.NAME] of the configuration: its instance can be brought up and taken down any
/// number of times. What fails on the way is a plugin.failed event, a sentence in the diagnostics,
/// and in the status.
///
/// GetStatus and what says so from any thread; the rest from one thread at a time.
class ManagedPlugin {
 public:
  /// What `context` refers to must outlive this, and where LeftBehind, the process.
  ManagedPlugin(const HostContext& context, PluginSettings settings, const PluginPlaces& places);
  ~ManagedPlugin();
  ManagedPlugin(const ManagedPlugin&) = delete;
  ManagedPlugin& operator=(const ManagedPlugin&) = delete;

  [[nodiscard]] const PluginSettings& Settings() const { return settings_; }

  /// The configuration disables it: it will not see what happens from now on, whenever it is
  /// enabled, and the agents that it has left end.
  void StayDisabled();
  /// It cannot be loaded.
  void LoadFailed(const Status& why);

  /// Unless it is quarantined, or was disabled: loads the library (trust first, then ABI and needs)
  /// and makes an instance with its lane. `lane` is the template for that; its `instance` is filled
  /// in here. Must not be loaded.
  void Load(LoadedModules& modules, LaneOptions lane);

  /// Activates what was made last, if anything. Waits for it up to `deadline`; kTimeout: it is not
  /// up by then, and goes on by itself. Else why it failed.
  Status Activate(std::chrono::milliseconds deadline);

  /// Takes the instance down and unloads it; the call at hand is asked to return. After `deadline`
  /// it is abandoned, a plugin.overdue event; false.
  bool Stop(std::chrono::milliseconds deadline);

  /// Takes the instance down until Enable, restarts included; what is in the log by now it has a
  /// second for, and the call at hand may take its time. kInvalid: it is disabled.
  Status Disable();

  /// Why it cannot be enabled, replaced, released: kInvalid. From any thread.
  [[nodiscard]] Status WhyNotEnabled() const;
  [[nodiscard]] Status WhyNotReplaced() const;
  [[nodiscard]] Status WhyNotReleased() const;

  /// Loads the library as it is on the disk now, with care, for one of the next three. Where this
  /// fails, which is told as a plugin.failed, everything stays as it is. From any thread.
  Result<std::shared_ptr<const Module>> LoadAnew();

  /// Takes a Disable back, and makes an instance at the log's end; Activate comes next.
  Status Enable(std::shared_ptr<const Module> module, LaneOptions lane);

  /// Forgets the strikes of one that is quarantined or was abandoned, and makes an instance at the
  /// log's end, whatever it has not seen; Activate comes next.
  Status Release(std::shared_ptr<const Module> module, LaneOptions lane);

  /// Takes the instance down and makes one of `module` that goes on exactly where it was; Activate
  /// comes next, and, where that fails, BringBack. The call at hand may take its time.
  Status Replace(std::shared_ptr<const Module> module, LaneOptions lane);

  /// Replaces the instance by what was before it; Activate comes next. False: nothing was.
  bool BringBack(LaneOptions lane);
  /// It will not be brought back: its library is unloaded.
  void ForgetBefore();

  /// Takes the instance down; the call at hand may take its time, and is abandoned after that.
  void TakeDown();

  /// Instead of Load: goes on exactly where `before` was, the same instance by the table it had,
  /// which is taken down for that; Activate comes next. Where that was abandoned, it begins at the
  /// log's end. One that is disabled or quarantined stays so. The library is loaded with care:
  /// where that fails, nothing has changed, and `before` goes on.
  Status Succeed(ManagedPlugin& before, LaneOptions lane);

  /// Instead of Load, while the broker runs: the library is loaded with care.
  void LoadWithCare(LaneOptions lane);

  /// What is being done to it is to come to an end: the call at hand is asked to return. From any
  /// thread.
  void Hurry() noexcept;

  /// The calls into the instances it has had. From any thread.
  [[nodiscard]] CallTrace& Trace() { return *trace_; }

  /// Whether an instance was abandoned since the broker started, or has left threads of its own: a
  /// thread sits in the library's code, so the process must end by _exit.
  [[nodiscard]] bool LeftBehind() const;
  /// Whether a library was not unloaded, be it only that a thread could not be asked: the process
  /// must end by _exit, too, but nothing has failed.
  [[nodiscard]] bool KeepsLibrary() const;

  [[nodiscard]] PluginStatus GetStatus() const;

  /// As Lane::Owes. From any thread.
  [[nodiscard]] bool Owes(EventType type, Seq seq) const;

 private:
  /// An instance and the lane whose thread is in it. One that is stuck in a call owns itself: that
  /// thread may return into the library's code at any time, so nothing of it may ever be freed.
  struct Life {
    std::shared_ptr<const Module> module;
    std::unique_ptr<Instance> instance;
    std::shared_ptr<Lane> lane;
    std::shared_ptr<Life> self;
  };

  [[nodiscard]] std::shared_ptr<Life> Current() const;
  [[nodiscard]] bool WasAbandoned() const;
  [[nodiscard]] bool IsHeldBack();
  [[nodiscard]] bool IsToRun() const;
  [[nodiscard]] Result<Health> LoadHealth() const;
  void StayQuarantined(const Health& health);
  void Start(std::shared_ptr<const Module> module, LaneOptions lane, const char* reason);
  void StartAtTheEnd(std::shared_ptr<const Module> module, LaneOptions lane);
  Result<std::shared_ptr<const Module>> LoadChecked();
  Status Refused(const std::string& library, const Status& why);
  void CatchUp() const;
  Status NoteDisabled(int64_t disabled_us);
  bool Stop(std::chrono::milliseconds deadline, bool hurry);
  [[nodiscard]] std::chrono::milliseconds OwnLimits() const;
  void Unload(std::unique_ptr<Instance> instance, std::shared_ptr<const Module> module);
  void KeepLibrary(const LeftThreads* left);
  void KeepAlso(const ManagedPlugin& successor);
  void TellOfThreads(const LeftThreads& left);
  void LeaveBehind() noexcept;
  Status ForgetStrikes();
  Status MarkReleased();
  void End(const std::shared_ptr<Life>& life);
  [[nodiscard]] PluginStatus StatusNow() const USHER_REQUIRES(mutex_);
  void Note(std::string error);
  void Announce(EventType type, const Details& details, const char* reason = "");
  void Say(Severity severity, const std::string& text);

  const HostContext context_;
  const PluginSettings settings_;
  const PluginPlaces places_;
  const PluginLoader loader_;
  std::shared_ptr<CallTrace> trace_ = std::make_shared<CallTrace>();
  int64_t up_since_us_ =
      0;  ///< UTC, when the first instance of those that replaced each other was made.
  std::optional<LaneEnd> resume_;         ///< Where the last instance ended.
  std::shared_ptr<const Module> before_;  ///< Of the instance that was replaced last.

  mutable Mutex mutex_;
  PluginStatus status_ USHER_GUARDED_BY(mutex_);  ///< What does not change while it runs.
  std::shared_ptr<Life> life_ USHER_GUARDED_BY(mutex_);
  bool left_behind_ USHER_GUARDED_BY(mutex_) = false;
  bool keeps_library_ USHER_GUARDED_BY(mutex_) = false;
  bool abandoned_ USHER_GUARDED_BY(mutex_) =
      false;                                      ///< The last instance was, and is not replaced.
  std::string refused_ USHER_GUARDED_BY(mutex_);  ///< Why it was not reloaded, since it runs.
};

}  // namespace broker
