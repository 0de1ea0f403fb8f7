#include "plugin_host/instance.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "event/text.h"
#include "plugin_host/addressed.h"
#include "plugin_host/config_check.h"
#include "plugin_host/entry_check.h"
#include "plugin_host/host_services/launch_request.h"
#include "plugin_host/host_services/run_request.h"
#include "plugin_host/library_code.h"
#include "plugin_host/plugin_call.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr const char* kFailedTwice = "failed twice";

/// What the plugin makes meanwhile is caused by `cause`. `session`: as Host::SetAtHand.
class AtHand {
 public:
  AtHand(Host& host, Cause cause, const SessionRef* session = nullptr) : host_(host) {
    host_.SetAtHand(cause, session);
  }
  ~AtHand() { host_.SetAtHand({}); }
  AtHand(const AtHand&) = delete;
  AtHand& operator=(const AtHand&) = delete;

 private:
  Host& host_;
};

/// Whether a plugin's instance made this event, or the broker because of one.
bool IsAboutInstance(const Event& event, const std::string& name) {
  if (event.origin != Origin::kBroker && event.origin != Origin::kPlugin) return false;
  const std::string* instance = event.Detail("instance");
  return instance != nullptr && *instance == name;
}

/// The session that an event is about; null for none.
const SessionRef* SessionOf(const Event& event) {
  if (event.session) return &event.session;
  return event.before ? &event.before : nullptr;
}

/// The answers of on_event that are neither success nor failure.
bool IsAnswer(usher_status status) {
  return status == USHER_PENDING || status == USHER_RETRY;
}

const char* ResultOf(usher_status answer) {
  if (answer == USHER_PENDING) return "pending";
  return answer == USHER_RETRY ? "retry" : "ok";
}

Outcome OutcomeOf(usher_status answer) {
  if (answer == USHER_PENDING) return Outcome::kPending;
  return answer == USHER_RETRY ? Outcome::kRetry : Outcome::kDone;
}

/// Whether the instance comes to its end by such a call, which then has its own time.
bool IsLast(PluginCall call) {
  return call == PluginCall::kStop || call == PluginCall::kDestroy;
}

}  // namespace

Instance::Instance(const HostContext& context, const PluginSettings& settings,
                   std::shared_ptr<const Module> module, const std::string& storage,
                   std::function<void()> on_abandoned, std::shared_ptr<CallTrace> trace)
    : context_(context),
      name_(settings.name),
      module_(std::move(module)),
      settings_(settings),
      on_abandoned_(std::move(on_abandoned)),
      trace_(trace == nullptr ? std::make_shared<CallTrace>() : std::move(trace)),
      host_(context, settings, module_->Info(), storage),
      health_(context, settings.name, module_->Info().id),
      timers_(
          host_, health_, context.simulated,
          [this](const PluginTimers::Due& due) { CallTimer(due); }, [this] { CallHeard(); }),
      runs_(host_, health_, [this](const PluginRuns::News& ended) { CallRun(ended); }),
      launches_(host_, health_, [this](const PluginLaunches::News& news) { CallLaunch(news); }),
      actions_(host_, health_),
      lease_(context.record, settings.name),
      watch_(context.monitor, *this) {
  host_.SetLimit(health_.Limit());
}

Instance::~Instance() = default;

template <class Body>
Status Instance::Call(PluginCall call, Cause cause, Body&& body, usher_status* answer,
                      Condition::TimePoint at) {
  const RunningCall running{call, cause.seq, cause.chain, LimitOf(call)};
  const Begin begin = trace_->Wanted() ? BeginNow() : Begin();
  watch_.Begin(running, at);
  // Who asked for the stop before this call began has found no call to hurry: it looked for one
  // behind a fence, as Begin relies on.
  if (!IsLast(call) && host_.ShouldStop()) watch_.Hurry();
  lease_.Slot().Open(running);
  usher_status answered = USHER_OK;
  Status status = CallPlugin(Name(call), [&](usher_error* error) {
    answered = body(error);
    return answer != nullptr && IsAnswer(answered) ? USHER_OK : answered;
  });
  lease_.Slot().Close();
  if (watch_.End()) host_.SetOverdue(false);
  if (begin.traced) {
    Trace(running, begin, status.ok() ? ResultOf(answered) : status.message());
  } else {
    trace_->Pass();
  }
  if (answer != nullptr) *answer = answered;
  return status;
}

Instance::Begin Instance::BeginNow() const {
  return {true, context_.clock.Now().realtime_us, steady_clock::now()};
}

void Instance::Trace(const RunningCall& call, const Begin& begin, std::string result) {
  const auto duration = std::chrono::duration_cast<microseconds>(steady_clock::now() - begin.at);
  trace_->Add({begin.realtime_us, call.call, call.seq, duration, std::move(result)});
}

Result<Activation> Instance::Activate(Completions& completions) {
  health_.SetState(PluginState::kStarting);
  BindThread();
  host_.SetCompletions(completions);
  const auto wake = [this, &completions] {
    heard_ = true;
    completions.Wake();
  };
  host_.Runs().WakeBy(wake);
  host_.Actions().WakeBy(wake);
  Status status = Check();
  if (!status.ok()) return Refused(PluginCall::kCheckConfig, status);
  status = Create();
  if (!status.ok()) return Refused(PluginCall::kCreate, status);
  status = Init();
  if (!status.ok()) return Refused(PluginCall::kInit, status);
  host_.SetPhase(Host::Phase::kActive);
  health_.SetState(PluginState::kRunning);
  host_.Launches().WakeBy(wake);
  launches_.CallHeard();  // Before its plugin asks for agents again that have ended meanwhile.
  WarnOfUnknownTypes();
  return Activation{host_.Types().Types(), ShowSnapshot(USHER_SNAPSHOT_ACTIVATED)};
}

void Instance::BindThread() {
  host_.BindThread();
  crash_thread_.emplace(lease_.Slot());
}

/// The call is made inside, on a host of its own.
Status Instance::Check() {
  Status outcome;
  const Status called = Call(PluginCall::kCheckConfig, {}, [&](usher_error*) {
    outcome = ToStatus(CheckConfig(context_, settings_, *module_));
    return outcome.ok() ? USHER_OK : USHER_ERROR;
  });
  return outcome.ok() ? called : outcome;
}

Status Instance::Create() {
  Status status = Call(PluginCall::kCreate, {}, [this](usher_error* error) {
    plugin_ = module_->Create(host_.Get(), error);
    return plugin_ == nullptr ? USHER_ERROR : USHER_OK;
  });
  if (!status.ok()) return status;
  status = CheckPlugin(*plugin_);
  if (!status.ok()) {
    plugin_ = nullptr;  // It cannot even be destroyed.
    return status;
  }
  const CodeRange code = CodeAround(reinterpret_cast<uintptr_t>(plugin_->init));
  lease_.Slot().code_begin = code.begin;
  lease_.Slot().code_end = code.end;
  return status;
}

Status Instance::Init() {
  Status status = Call(PluginCall::kInit, {},
                       [this](usher_error* error) { return plugin_->init(plugin_, error); });
  if (!status.ok()) {
    const Status values = host_.Config().CheckValues();
    if (values.ok()) return status;
    return {status.code(), status.message() + "\n" + values.message()};
  }
  // check_config() has asked for every key already.
  status = Info().checks_config ? host_.Config().CheckValues() : host_.Config().CheckAll();
  if (!status.ok()) CallEnd(PluginCall::kStop, plugin_->stop);
  return status;
}

void Instance::CallEnd(PluginCall call, void (*function)(const usher_plugin*)) {
  if (function == nullptr) return;
  const Status status = Call(call, {}, [&](usher_error*) {
    function(plugin_);
    return USHER_OK;
  });
  if (!status.ok()) health_.NoteFailure(call, status);
}

void Instance::Destroy() {
  host_.SetPhase(Host::Phase::kStopped);
  CallEnd(PluginCall::kDestroy, plugin_->destroy);
  plugin_ = nullptr;
}

Status Instance::Refused(PluginCall call, const Status& why) {
  if (plugin_ != nullptr) Destroy();
  crash_thread_.reset();
  health_.SetState(PluginState::kFailed);
  health_.NoteFailure(call, why);
  return why;
}

void Instance::WarnOfUnknownTypes() {
  for (const std::string& type : host_.Types().UnknownNames()) {
    health_.Say(Severity::kWarning, "wants events of the type '" + type +
                                        "', which this broker does not know; it may never get one");
  }
}

Seq Instance::ShowSnapshot(usher_snapshot_reason reason) {
  const SnapshotView view(context_.sessions.Snapshot(), reason, context_.clock.Now().realtime_us);
  snapshot_seq_ = view.Get().as_of_seq;
  if (plugin_->on_snapshot == nullptr) return snapshot_seq_;
  const Status status = Call(PluginCall::kOnSnapshot, {}, [&](usher_error* error) {
    return plugin_->on_snapshot(plugin_, &view.Get(), error);
  });
  if (!status.ok()) health_.AddStrike(PluginCall::kOnSnapshot, {}, status);
  return snapshot_seq_;
}

bool Instance::Concerns(const Event& event) const {
  if (!Info().wants_own_events && IsAboutInstance(event, name_)) return false;
  // Who launches nothing may still want to know what was asked of others.
  if (!IsFor(name_, event) && host_.Grants(USHER_EXT_LAUNCH)) return false;
  return host_.Types().Wants(event);
}

Outcome Instance::Deliver(const DeliveredEvent& delivered) {
  if (plugin_->on_event == nullptr || !Concerns(delivered.event)) return Outcome::kDone;
  const bool called = timers_.CallBefore(delivered.event);
  const bool late = CallHeard() || called;
  if (health_.Quarantined()) return Outcome::kRetry;
  const usher_event& event = view_.Show(delivered);
  const Cause cause{delivered.event.seq, delivered.event.chain};
  host_.Meet(delivered.event);
  const AtHand at_hand(host_, cause, SessionOf(delivered.event));
  usher_status answer = USHER_OK;
  const Status status = Call(
      PluginCall::kOnEvent, cause,
      [&](usher_error* error) { return plugin_->on_event(plugin_, &event, error); }, &answer,
      late ? CoarseNow() : delivered.at);
  if (status.ok() && answer == USHER_PENDING) host_.KeepAtHand();
  if (status.ok()) return OutcomeOf(answer);
  Failed(delivered.event.seq, delivered.event.chain, status);
  return Outcome::kFailed;
}

void Instance::Failed(Seq seq, uint32_t chain, const Status& why) {
  health_.AddStrike(PluginCall::kOnEvent, {seq, chain}, why);
}

const char* Instance::ReasonToSkip(Seq seq) const {
  return health_.Failures(seq) >= Health::kMostFailures ? kFailedTwice : nullptr;
}

void Instance::Skipped(Seq from, Seq to, const std::string& reason) {
  if (health_.Silent()) return;
  if (reason != "new") skipped_ += to - from + 1;
  health_.Announce(
      EventType::kPluginSkipped, {},
      {{"from", std::to_string(from)}, {"to", std::to_string(to)}, {"reason", reason}});
  if (to > snapshot_seq_) ShowSnapshot(USHER_SNAPSHOT_SKIPPED);
}

void Instance::Troubled(const Status& trouble) {
  health_.Say(Severity::kError, trouble.message());
}

void Instance::CallTimer(const PluginTimers::Due& due) {
  const AtHand at_hand(host_, due.call.cause);
  const Status status = Call(PluginCall::kTimer, due.call.cause, [&due](usher_error* error) {
    return due.call.callback(due.call.context, due.timer, error);
  });
  if (!status.ok()) health_.AddStrike(PluginCall::kTimer, due.call.cause, status);
}

void Instance::CallRun(const PluginRuns::News& ended) {
  const PluginRuns::Call& call = ended.run.call;
  const AtHand at_hand(host_, call.cause);
  const usher_run_result result = ResultOf(*ended.end);
  const Status status = Call(PluginCall::kRun, call.cause, [&](usher_error* error) {
    return call.callback(call.context, ended.run.id, &result, error);
  });
  if (!status.ok()) health_.AddStrike(PluginCall::kRun, call.cause, status);
}

void Instance::CallLaunch(const PluginLaunches::News& news) {
  const PluginLaunches::Call& call = news.agent.call;
  const AtHand at_hand(host_, call.cause);
  const usher_launch_news raw = news.end ? NewsOf(*news.end) : NewsOf(*news.agent.start);
  const Status status = Call(PluginCall::kLaunch, call.cause, [&](usher_error* error) {
    return call.callback(call.context, news.agent.id, &raw, error);
  });
  if (!status.ok()) health_.AddStrike(PluginCall::kLaunch, call.cause, status);
}

bool Instance::CallHeard() {
  if (!heard_) return false;
  heard_ = false;  // Before they are emptied: what is heard from now on is taken, or sets it again.
  runs_.CallEnded();
  launches_.CallHeard();
  actions_.TellHeard();
  return true;
}

Condition::TimePoint Instance::Tend() {
  CallHeard();
  const Condition::TimePoint timers = timers_.Tend();
  return std::min({timers, TendLimit(), health_.SaveAgain(steady_clock::now())});
}

Condition::TimePoint Instance::TendLimit() {
  if (!health_.Limit().TellAt()) return Condition::TimePoint::max();
  const Timestamp now = context_.clock.Now();
  health_.Limit().Tell(now);
  const std::optional<int64_t> next = health_.Limit().TellAt();
  if (!next) return Condition::TimePoint::max();
  return steady_clock::now() + microseconds(*next - now.monotonic_us);
}

bool Instance::Exhausted() const {
  return health_.Quarantined();
}

void Instance::Deactivate() noexcept {
  if (health_.Silent()) return;
  host_.AskToStop();
  host_.SetPhase(Host::Phase::kStopping);
  runs_.CancelAll();
  host_.LeaveAgents();
  host_.Actions().WakeBy(nullptr);
  CallEnd(PluginCall::kStop, plugin_->stop);
  Destroy();
  crash_thread_.reset();
  health_.SaveAgain(steady_clock::time_point::max() - microseconds(1));
  if (!health_.Silent()) health_.Limit().TellAll(context_.clock.Now());
  if (GetStatus().state == PluginState::kRunning) health_.SetState(PluginState::kStopped);
}

void Instance::AskToStop() noexcept {
  host_.AskToStop();
  watch_.Hurry();
}

void Instance::Abandon() noexcept {
  watch_.Abandon();
  lease_.Slot().settled = 1;
  health_.Silence();
  host_.Abandon();
}

}  // namespace broker
