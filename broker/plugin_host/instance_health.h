#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "event/mutex.h"
#include "plugin_host/announce_limit.h"
#include "plugin_host/cause.h"
#include "plugin_host/health.h"
#include "plugin_host/host_context.h"
#include "plugin_host/plugin_state.h"

namespace broker {

/// How an instance is doing; a copy.
struct InstanceStatus {
  PluginState state = PluginState::kStopped;
  uint32_t strikes = 0;        ///< Within the window.
  int64_t quarantined_us = 0;  ///< UTC, since when; 0 = it is not.
  std::string last_error;      ///< Sentence; empty if none.
};

/// How one instance is doing: counts its strikes in the store, tells of each failure in an event,
/// and quarantines.
///
/// What says so from any thread; the rest from the lane's worker, or from the monitor while the
/// worker is in a call.
class InstanceHealth {
 public:
  /// What `context` refers to must outlive this. `id` is the plugin's; empty
  /// where it is not known.
  InstanceHealth(const HostContext& context, std::string name, std::string id);

  /// Takes in what others have noted in the store; any thread.
  void Refresh();

  /// A failure that counts: a plugin.failed event, and maybe the one too many.
  void AddStrike(PluginCall call, Cause cause, const Status& why, const char* reason = "");
  /// A failure that does not.
  void NoteFailure(PluginCall call, const Status& why);

  /// Tries again to keep what could not be; answers when to call it next, TimePoint::max() where
  /// all is kept.
  Condition::TimePoint SaveAgain(Condition::TimePoint now);

  void SetState(PluginState state);
  /// Says it is in this state unless it is quarantined.
  void SetEnd(PluginState state);

  /// Any thread.
  [[nodiscard]] bool Quarantined() const { return quarantined_; }
  /// How often this event has failed.
  [[nodiscard]] uint32_t Failures(Seq seq) const;
  /// Any thread.
  [[nodiscard]] InstanceStatus GetStatus() const;

  /// An event of the broker's about the instance, within its limit. Any thread.
  void Announce(EventType type, Cause cause, Details details, const char* reason = "");
  /// A sentence about the instance in the diagnostics.
  void Say(Severity severity, const std::string& text) const;
  /// Nothing is told of it from now on.
  void Silence() noexcept { silent_ = true; }
  [[nodiscard]] bool Silent() const noexcept { return silent_; }

  /// What else makes events for the instance shares this.
  [[nodiscard]] AnnounceLimit& Limit() { return limit_; }

 private:
  void Load();
  void Take(const Health& health, int64_t now_us);
  Status Note(const Strike& strike, const std::string& error, Health& after);
  void Noted(const Status& saved);
  void Tell(PluginCall call, Cause cause, const Status& why, uint32_t strikes, const char* reason);
  void TellQuarantine(Cause cause, uint32_t strikes);

  const HostContext context_;
  const std::string name_;
  const std::string id_;
  AnnounceLimit limit_;
  std::atomic<bool> silent_ = false;
  std::atomic<bool> quarantined_ = false;  ///< Once it is, it stays so.
  std::atomic<bool> others_noted_ = true;  ///< Maybe something that could not be written.
  Condition::TimePoint save_at_ = Condition::TimePoint::max();  ///< What could not be written.

  mutable Mutex mutex_;
  Health health_ USHER_GUARDED_BY(mutex_);  ///< As in the store.
  InstanceStatus status_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
