#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dispatch/consumer.h"
#include "plugin_host/action_calls.h"
#include "plugin_host/call_monitor.h"
#include "plugin_host/call_trace.h"
#include "plugin_host/cause.h"
#include "plugin_host/crash_handler.h"
#include "plugin_host/event_view.h"
#include "plugin_host/host_context.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/instance_health.h"
#include "plugin_host/launch_calls.h"
#include "plugin_host/module.h"
#include "plugin_host/run_calls.h"
#include "plugin_host/timer_calls.h"

namespace broker {

/// One plugin instance: makes the calls into the plugin, and deals with what comes of them. Each
/// failure is a plugin.failed event and a strike; three strikes within ten minutes, and it is
/// quarantined until it is released. An event that has failed twice is not delivered again. A call
/// that never returns costs the instance: it is abandoned, and must be kept as long as the process
/// lives. What is done about a call that goes on is in instance_overdue.cc, the rest in
/// instance.cc.
///
/// The Consumer's functions from the lane's worker; GetStatus, SkippedEvents, RefreshHealth,
/// AskToStop and Abandon from any thread.
class Instance final : public Consumer, private CallOwner {
 public:
  /// What `context` refers to must outlive this. `storage` is the instance's own directory.
  /// `on_abandoned` is called once a call was given up, on the monitor's thread; what it does must
  /// not wait for the instance. Calls are traced in `trace`, unless it is null.
  Instance(
      const HostContext& context, const PluginSettings& settings,
      std::shared_ptr<const Module> module, const std::string& storage,
      std::function<void()> on_abandoned = [] {}, std::shared_ptr<CallTrace> trace = nullptr);
  ~Instance() override;

  /// check_config, create, init, the check for keys nobody read, on_snapshot.
  Result<Activation> Activate(Completions& completions) override;
  Outcome Deliver(const DeliveredEvent& delivered) override;
  void Failed(Seq seq, uint32_t chain, const Status& why) override;
  [[nodiscard]] const char* ReasonToSkip(Seq seq) const override;
  void Skipped(Seq from, Seq to, const std::string& reason) override;
  void Troubled(const Status& trouble) override;
  /// Calls with what is heard of programs and agents, as Tend does; false where that is nothing.
  bool CallHeard();
  /// Calls timers and with what is heard of programs and agents, tells what was suppressed.
  Condition::TimePoint Tend() override;
  [[nodiscard]] bool Exhausted() const override;
  /// stop and destroy.
  void Deactivate() noexcept override;

  [[nodiscard]] const PluginInfo& Info() const { return module_->Info(); }
  [[nodiscard]] InstanceStatus GetStatus() const { return health_.GetStatus(); }

  /// How many events it never got, those before it was new left out.
  [[nodiscard]] uint64_t SkippedEvents() const { return skipped_; }

  /// Others have noted strikes of it.
  void RefreshHealth() { health_.Refresh(); }

  /// It is going to be stopped: the call at hand is to return soon.
  void AskToStop() noexcept;

  /// It is stuck in a call: nothing is done for it from now on, neither by host functions nor when
  /// the call returns after all.
  void Abandon() noexcept;

 private:
  /// When a call began, for who traces it.
  struct Begin {
    bool traced = false;
    int64_t realtime_us = 0;
    std::chrono::steady_clock::time_point at;
  };

  /// One call into the plugin, `usher_status body(usher_error*)`; see CallPlugin. With `answer`,
  /// PENDING and RETRY are no failures. `at` is now.
  template <class Body>
  Status Call(PluginCall call, Cause cause, Body&& body, usher_status* answer = nullptr,
              Condition::TimePoint at = CoarseNow());
  [[nodiscard]] Begin BeginNow() const;
  void Trace(const RunningCall& call, const Begin& begin, std::string result);
  void TraceLate(const RunningCall& call, std::chrono::microseconds duration, const char* result);
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
  void CallTimer(const PluginTimers::Due& due);
  void CallRun(const PluginRuns::News& ended);
  void CallLaunch(const PluginLaunches::News& news);
  [[nodiscard]] Condition::TimePoint TendLimit();
  [[nodiscard]] bool Concerns(const Event& event) const;
  void WarnOfUnknownTypes();

  const HostContext context_;
  const std::string name_;
  const std::shared_ptr<const Module> module_;
  const PluginSettings settings_;
  const std::function<void()> on_abandoned_;
  const std::shared_ptr<CallTrace> trace_;
  Host host_;

  std::atomic<uint64_t> skipped_ = 0;

  // The worker's, and the monitor's while it sees to a call.
  const usher_plugin* plugin_ = nullptr;  ///< The plugin's; between create() and destroy().
  EventView view_;
  InstanceHealth health_;
  TimerCalls timers_;
  RunCalls runs_;
  LaunchCalls launches_;
  ActionCalls actions_;
  std::atomic<bool> heard_ = false;  ///< There may be something that CallHeard has not taken.
  Seq snapshot_seq_ = 0;
  SlotLease lease_;
  CallWatch watch_;
  std::optional<CrashThread> crash_thread_;  ///< From Activate to the end.
};

}  // namespace broker
