#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dispatch/consumer.h"
#include "event/mutex.h"
#include "plugin_host/announce_limit.h"
#include "plugin_host/call_monitor.h"
#include "plugin_host/cause.h"
#include "plugin_host/crash_handler.h"
#include "plugin_host/event_view.h"
#include "plugin_host/health.h"
#include "plugin_host/host_context.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/module.h"
#include "plugin_host/plugin_state.h"

namespace broker {

/// How an instance is doing; a copy.
struct InstanceStatus {
  PluginState state = PluginState::kStopped;
  uint32_t strikes = 0;        ///< Within the window.
  int64_t quarantined_us = 0;  ///< UTC, since when; 0 = it is not.
  std::string last_error;      ///< Sentence; empty if none.
};

/// One plugin instance: makes the calls into the plugin, and deals with what comes of them. Each
/// failure is a plugin.failed event and a strike; three strikes within ten minutes, and it is
/// quarantined until it is released. An event that has failed twice is not delivered again. A call
/// that never returns costs the instance: it is abandoned, and must be kept as long as the process
/// lives.
///
/// The Consumer's functions from the lane's worker; GetStatus, AskToStop and Abandon from any
/// thread.
class Instance final : public Consumer, private CallOwner {
 public:
  /// What `context` refers to must outlive this. `storage` is the instance's own directory.
  /// `on_abandoned` is called once a call was given up, on the monitor's thread; what it does must
  /// not wait for the instance.
  Instance(
      const HostContext& context, const PluginSettings& settings,
      std::shared_ptr<const Module> module, const std::string& storage,
      std::function<void()> on_abandoned = [] {});
  ~Instance() override;

  /// check_config, create, init, the check for keys nobody read, on_snapshot.
  Result<Activation> Activate(Completions& completions) override;
  Outcome Deliver(const DeliveredEvent& delivered) override;
  void Failed(Seq seq, uint32_t chain, const Status& why) override;
  [[nodiscard]] const char* ReasonToSkip(Seq seq) const override;
  void Skipped(Seq from, Seq to, const std::string& reason) override;
  void Troubled(const Status& trouble) override;
  /// Calls timers, tells what was suppressed.
  Condition::TimePoint Tend() override;
  [[nodiscard]] bool Exhausted() const override;
  /// stop and destroy.
  void Deactivate() noexcept override;

  [[nodiscard]] const PluginInfo& Info() const { return module_->Info(); }
  [[nodiscard]] InstanceStatus GetStatus() const;

  /// It is going to be stopped: the call at hand is to return soon.
  void AskToStop() noexcept;

  /// It is stuck in a call: nothing is done for it from now on, neither by host functions nor when
  /// the call returns after all.
  void Abandon() noexcept;

 private:
  /// One call into the plugin, `usher_status body(usher_error*)`; see CallPlugin.
  template <class Body>
  Status Call(PluginCall call, Cause cause, Body&& body);
  [[nodiscard]] std::chrono::microseconds LimitOf(PluginCall call) const;

  void Overdue(const RunningCall& call) noexcept override;
  void Interrupt(const RunningCall& call) noexcept override;
  void Abandoned(const RunningCall& call, std::chrono::microseconds grace) noexcept override;

  void BindThread();
  Status Check();
  Status Create();
  Status Init();
  Status Refused(PluginCall call, const Status& why);
  Seq ShowSnapshot(usher_snapshot_reason reason);
  /// A call that cannot fail: stop or destroy; null is none.
  void CallEnd(PluginCall call, void (*function)(const usher_plugin*));
  void Destroy();
  /// Calls what was due before the event happened.
  void CallTimersBefore(const Event& event);
  /// Calls what is due at `now_us`; what that makes due may be left for later.
  void CallTimers(int64_t now_us);
  void CallTimer(const PluginTimers::Due& due);
  [[nodiscard]] Condition::TimePoint TendTimers();
  [[nodiscard]] Condition::TimePoint TendLimit();
  [[nodiscard]] bool Concerns(const Event& event) const;
  void WarnOfUnknownTypes();

  void AddStrike(PluginCall call, Cause cause, const Status& why, const char* reason = "");
  void AnnounceFailure(PluginCall call, Cause cause, const Status& why, uint32_t strikes,
                       const char* reason = "");
  void Announce(EventType type, Cause cause, Details details, const char* reason = "");

  const HostContext context_;
  const std::string name_;
  const std::shared_ptr<const Module> module_;
  const PluginSettings settings_;
  const std::function<void()> on_abandoned_;
  Host host_;
  std::atomic<bool> abandoned_ = false;

  // The worker's, and the monitor's while it sees to a call.
  const usher_plugin* plugin_ = nullptr;  ///< The plugin's; between create() and destroy().
  EventView view_;
  Health health_;
  AnnounceLimit limit_;
  Seq snapshot_seq_ = 0;
  int64_t clock_us_ = 0;  ///< A simulated clock when the timers were last looked at.
  bool quarantined_ = false;
  SlotLease lease_;
  CallWatch watch_;
  std::optional<CrashThread> crash_thread_;  ///< From Activate to the end.

  mutable Mutex mutex_;
  InstanceStatus status_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
