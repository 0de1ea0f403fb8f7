#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "action/launch_policy.h"
#include "dispatch/consumer.h"
#include "plugin_host/announce_limit.h"
#include "plugin_host/cause.h"
#include "plugin_host/entry_check.h"
#include "plugin_host/host_context.h"
#include "plugin_host/host_services/open_causes.h"
#include "plugin_host/host_services/plugin_actions.h"
#include "plugin_host/host_services/plugin_config.h"
#include "plugin_host/host_services/plugin_launches.h"
#include "plugin_host/host_services/plugin_runs.h"
#include "plugin_host/host_services/plugin_storage.h"
#include "plugin_host/host_services/plugin_timers.h"
#include "plugin_host/plugin_text.h"
#include "plugin_host/subscription.h"
#include "usher/ext/log.h"
#include "usher/plugin.h"

namespace broker {

/// What the broker is to one plugin instance: the usher_host that create() gets, and what its
/// functions and the extensions work on. The functions trust no argument, throw nothing and answer
/// USHER_STOPPED once the instance is stopped.
///
/// Get, Say, Now, Emit, Complete, ShowSessions, Misused, GetPhase, SetPhase, Abandon and what is
/// about stopping from any thread; the rest only from the plugin's.
class Host {
 public:
  /// Where the instance stands; each phase allows what is behind it.
  enum class Phase : int32_t {
    kCheck = 0,  ///< check_config(): reading the configuration, and the log.
    kInit,       ///< create() and init(): everything, subscribe included.
    kActive,     ///< Everything but subscribe.
    kStopping,   ///< During stop(): the same, but an open event can be ended well only.
    kStopped,    ///< After stop(): only the log, for destroy().
    kAbandoned,  ///< Stuck and given up: nothing.
  };

  /// What `context` refers to must outlive this. `storage` is the instance's directory.
  Host(const HostContext& context, const PluginSettings& settings, const PluginInfo& info,
       const std::string& storage, Phase phase = Phase::kInit);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// To be handed to the plugin. Owned by this.
  [[nodiscard]] const usher_host* Get() const { return &host_; }

  /// The calling thread is the plugin's from now on.
  void BindThread() { plugin_thread_ = std::this_thread::get_id(); }
  [[nodiscard]] bool IsPluginThread() const {
    return plugin_thread_.load() == std::this_thread::get_id();
  }

  /// Where open events are ended from now on; must outlive the phase kStopping.
  void SetCompletions(Completions& completions) noexcept { completions_ = &completions; }

  void SetPhase(Phase phase) noexcept { phase_ = phase; }
  /// kAbandoned is for good.
  void Abandon() noexcept {
    abandoned_ = true;
    launches_.Abandon();
  }
  [[nodiscard]] Phase GetPhase() const noexcept {
    return abandoned_ ? Phase::kAbandoned : phase_.load();
  }

  /// What should_stop() answers: 1 while the call at hand is overdue, and for good once the
  /// instance is to stop or was abandoned.
  void SetOverdue(bool overdue) noexcept { overdue_ = overdue; }
  void AskToStop() noexcept { stop_asked_ = true; }
  [[nodiscard]] bool ShouldStop() const noexcept { return overdue_ || stop_asked_ || abandoned_; }

  [[nodiscard]] PluginConfig& Config() { return config_; }
  [[nodiscard]] PluginStorage& Storage() { return storage_; }
  [[nodiscard]] PluginTimers& Timers() { return timers_; }
  [[nodiscard]] PluginRuns& Runs() { return runs_; }
  [[nodiscard]] PluginLaunches& Launches() { return launches_; }
  [[nodiscard]] PluginActions& Actions() { return actions_; }
  [[nodiscard]] Subscription& Types() { return subscription_; }
  [[nodiscard]] const Subscription& Types() const { return subscription_; }

  /// Whether the instance may have this extension now.
  [[nodiscard]] bool Grants(std::string_view id) const;

  /// The events that the plugin is busy with; what it makes meanwhile is caused by them.
  [[nodiscard]] OpenCauses& Causes() { return causes_; }

  [[nodiscard]] Timestamp Now() const { return context_.clock.Now(); }
  /// A simulated clock may be far ahead of the events that the instance sees: its timers go by the
  /// times of these.
  void AdvanceTimers(int64_t monotonic_us);
  /// The monotonic time that timers go by.
  [[nodiscard]] int64_t TimerNow() const;
  /// What the plugin is told of the time: on its own thread the one that its timers go by.
  [[nodiscard]] Timestamp PluginNow() const;

  /// Where the events that the plugin emits go from now on; must outlive this.
  void SetLimit(AnnounceLimit& limit) noexcept { limit_ = &limit; }
  /// As usher_ext_emit::emit; on failure `why` is a sentence.
  usher_status Emit(const char* type, const usher_detail* const* details, uint32_t count, Seq cause,
                    std::string& why);

  /// What the plugin makes from now on is caused by `cause`; {} for nothing. `session` is that
  /// event's, for which programs may be run meanwhile; null for none, else it must outlive this.
  void SetAtHand(Cause cause, const SessionRef* session = nullptr) noexcept {
    causes_.SetAtHand(cause);
    session_at_hand_ = session;
  }
  /// The instance is about to get this event.
  void Meet(const Event& event) {
    if (remembers_) Remember(event);
  }
  /// The event at hand is left open: the plugin stays busy with it, and with its session.
  void KeepAtHand();
  /// As usher_ext_run::start; on failure `why` is a sentence. The cause of `call` is set here.
  usher_status StartRun(const usher_run_request& request, PluginRuns::Call call, usher_run& run,
                        std::string& why);

  /// As usher_ext_session::request; on failure `why` is a sentence.
  usher_status RequestAction(SessionAction action, const char* session_id, Seq cause,
                             std::string& why);
  /// As usher_ext_launch::start; on failure `why` is a sentence. The cause of `call` is set here.
  usher_status StartLaunch(const usher_launch_request& request, PluginLaunches::Call call,
                           usher_launch& launch, std::string& why);
  /// As usher_ext_launch::describe; on failure `why` is a sentence.
  usher_status DescribeAgent(const usher_agent_status& status, std::string& why);
  /// Adds to the end of an agent what is known about ends that come too soon.
  void ExplainEnd(const PluginLaunches::Agent& agent, LaunchEnd& end) const;
  /// Says what becomes of an agent. As many pass in a minute for each agent as else of a type;
  /// where time is simulated minutes are the instance's own, as the clock may be hours ahead.
  void AnnounceAgent(EventType type, Cause cause, Details details);
  /// The instance has no agents to speak of any more; those that are to be kept go on.
  void LeaveAgents();

  /// Puts a sentence of the plugin's into the diagnostics.
  void Say(usher_log_severity severity, const char* text) noexcept;
  /// Ends an open event; as usher_host::complete.
  usher_status Complete(Seq seq, usher_status status, const char* text);
  /// Calls back with the sessions as of now.
  usher_status ShowSessions(void (*callback)(void*, const usher_snapshot*), void* context);

  /// Tells who watches, if anybody does.
  void Misused(std::string_view what) const noexcept {
    if (context_.misuse != nullptr) context_.misuse->Misused(what);
  }

  /// The host behind what a plugin passed; null if it passed none.
  [[nodiscard]] static Host* From(const usher_host* host) noexcept;

 private:
  /// Notes the session of an event that the instance is about to get.
  void Remember(const Event& event);
  /// What leads to an event that the plugin makes now; nullopt if it may not be `cause`.
  [[nodiscard]] std::optional<Cause> CauseOf(Seq cause) const;
  /// What leads to what the plugin asks for, and the session it names (empty: none).
  usher_status Resolve(Seq cause, const std::string& session_id, Cause& led_to_it,
                       SessionRef& session, std::string& why) const;
  /// Sets what it can of `order`, whatever comes of it.
  std::optional<LaunchFailure> ReadLaunchOrder(const usher_launch_request& request,
                                               LaunchOrder& order, std::string& session_id,
                                               Cause& cause) const;
  /// Starts it if it may be started.
  std::optional<LaunchFailure> TryLaunch(LaunchOrder order, const PluginLaunches::Call& call,
                                         usher_launch& launch);
  [[nodiscard]] SessionRef SessionOf(Seq cause) const;
  /// The session of this id: that of the event `cause`, or one that there is now; null if neither.
  [[nodiscard]] SessionRef FindSession(const std::string& id, Seq cause) const;

  const HostContext context_;
  const std::string name_;
  const std::string id_;
  const std::string component_;
  const std::vector<std::string> denied_;
  const std::vector<std::string> granted_;
  PluginConfig config_;
  PluginStorage storage_;
  PluginTimers timers_;
  PluginRuns runs_;
  PluginLaunches launches_;
  PluginActions actions_;
  const LaunchRights launch_rights_;
  Subscription subscription_;
  OpenCauses causes_;
  const SessionRef* session_at_hand_ = nullptr;  ///< Of the event at hand.
  std::map<Seq, SessionRef> sessions_;           ///< Of the events that the plugin has left open.
  /// Whether the sessions that the instance meets are kept, by what it may do: where time is
  /// simulated the table may be hours ahead.
  const bool remembers_;
  /// By their ids, as of the last event about each, while they last.
  std::map<std::string, SessionRef, std::less<>> met_;
  int64_t timer_time_us_ = 0;  ///< Only where the clock is simulated.
  std::atomic<AnnounceLimit*> limit_ = nullptr;
  std::atomic<Phase> phase_;
  std::atomic<bool> abandoned_ = false;
  std::atomic<bool> overdue_ = false;
  std::atomic<bool> stop_asked_ = false;
  std::atomic<Completions*> completions_ = nullptr;
  std::atomic<std::thread::id> plugin_thread_;
  const usher_host host_;
};

/// Runs the body of a host function, `usher_status body(Host&)`, if the instance is not stopped.
template <class Body>
usher_status OnAnyThread(const usher_host* host, Body&& body) noexcept {
  Host* const self = Host::From(host);
  if (self == nullptr) return USHER_INVALID_ARGUMENT;
  if (self->GetPhase() >= Host::Phase::kStopped) return USHER_STOPPED;
  try {
    return body(*self);
  } catch (...) {
    return USHER_ERROR;
  }
}

/// The same for functions that have an effect, which a check of the configuration must not have.
template <class Body>
usher_status OnInstance(const usher_host* host, Body&& body) noexcept {
  return OnAnyThread(host, [&body](Host& self) {
    return self.GetPhase() == Host::Phase::kCheck ? USHER_INVALID_ARGUMENT : body(self);
  });
}

/// The same for functions that only the plugin's own thread may call.
template <class Body>
usher_status OnPluginThread(const usher_host* host, Body&& body) noexcept {
  return OnAnyThread(host, [&body](Host& self) {
    if (self.IsPluginThread()) return body(self);
    self.Misused("called a host function of the tag [plugin-thread] from another thread");
    return USHER_INVALID_ARGUMENT;
  });
}

}  // namespace broker
