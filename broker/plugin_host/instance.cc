#include "plugin_host/instance.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "event/text.h"
#include "plugin_host/config_check.h"
#include "plugin_host/entry_check.h"
#include "plugin_host/plugin_call.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr size_t kMaxErrorBytes = 2048;
constexpr const char* kAbandoned = "abandoned";
constexpr const char* kFailedTwice = "failed twice";
// So many timers are called in a row before the lane looks at its events again; a simulated day may
// have passed at once.
constexpr int kMostCalls = 64;
constexpr int kMostSimulatedCalls = 100'000;
constexpr std::chrono::milliseconds kSimulatedPoll{10};

/// What the plugin makes meanwhile is caused by `cause`.
class AtHand {
 public:
  AtHand(Host& host, Cause cause) : host_(host) { host_.Causes().SetAtHand(cause); }
  ~AtHand() { host_.Causes().SetAtHand({}); }
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

/// The answers of on_event that are neither success nor failure.
bool IsAnswer(usher_status status) {
  return status == USHER_PENDING || status == USHER_RETRY;
}

Outcome OutcomeOf(usher_status answer) {
  if (answer == USHER_PENDING) return Outcome::kPending;
  return answer == USHER_RETRY ? Outcome::kRetry : Outcome::kDone;
}

int64_t Milliseconds(microseconds time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time).count();
}

/// Whether the instance comes to its end by such a call, which then has its own time.
bool IsLast(PluginCall call) {
  return call == PluginCall::kStop || call == PluginCall::kDestroy;
}

/// Whether there is an instance during such a call.
bool HasInstance(PluginCall call) {
  return call != PluginCall::kCheckConfig && call != PluginCall::kCreate &&
         call != PluginCall::kDestroy;
}

}  // namespace

Instance::Instance(const HostContext& context, const PluginSettings& settings,
                   std::shared_ptr<const Module> module, const std::string& storage,
                   std::function<void()> on_abandoned)
    : context_(context),
      name_(settings.name),
      module_(std::move(module)),
      settings_(settings),
      on_abandoned_(std::move(on_abandoned)),
      host_(context, settings, module_->Info(), storage),
      limit_(context.announcer, settings.name),
      lease_(context.record, settings.name),
      watch_(context.monitor, *this) {
  host_.SetLimit(limit_);
  if (context.health == nullptr) return;
  Result<Health> health = context.health->Load(settings.name);
  if (!health.ok()) {
    context.diagnostics.Log(Severity::kError, "plugin " + name_, health.status().message());
    return;
  }
  health_ = std::move(health).value();
  const MutexLock lock(mutex_);
  status_.strikes = health_.Count(context.clock.Now().realtime_us);
}

Instance::~Instance() = default;

template <class Body>
Status Instance::Call(PluginCall call, Cause cause, Body&& body) {
  const RunningCall running{call, cause.seq, cause.chain, LimitOf(call)};
  watch_.Begin(running);
  // Who asked for the stop before this call began has found no call to hurry.
  if (!IsLast(call) && host_.ShouldStop()) watch_.Hurry();
  lease_.Slot().Open(running);
  Status status = CallPlugin(Name(call), std::forward<Body>(body));
  lease_.Slot().Close();
  if (watch_.End()) host_.SetOverdue(false);
  return status;
}

microseconds Instance::LimitOf(PluginCall call) const {
  switch (call) {
    case PluginCall::kOnEvent:
    case PluginCall::kOnSnapshot:
    case PluginCall::kTimer:
      return microseconds(settings_.event_timeout_us);
    case PluginCall::kStop:
    case PluginCall::kDestroy:
      return microseconds(settings_.stop_timeout_us);
    default:
      return microseconds(settings_.start_timeout_us);
  }
}

void Instance::Overdue(const RunningCall& call) noexcept {
  const std::string limit = std::to_string(Milliseconds(call.limit));
  const std::string name(Name(call.call));
  Details details{{"call", name}};
  if (call.seq != 0) details.emplace_back("seq", std::to_string(call.seq));
  details.emplace_back("deadline_ms", limit);
  Announce(EventType::kPluginOverdue, {call.seq, call.chain}, std::move(details));
  context_.diagnostics.Log(Severity::kWarning, "plugin " + name_,
                           name + "() has not returned after " + limit + " ms; it is asked to");
}

void Instance::Interrupt(const RunningCall& call) noexcept {
  host_.SetOverdue(true);
  const auto interrupt = HasInstance(call.call) ? InterruptOf(*plugin_) : nullptr;
  if (interrupt == nullptr) return;
  const CrashThread thread(lease_.Slot());
  const Status status = CallPlugin(Name(PluginCall::kInterrupt), [&](usher_error*) {
    interrupt(plugin_);
    return USHER_OK;
  });
  if (!status.ok()) context_.diagnostics.Log(Severity::kError, "plugin " + name_, status.message());
}

void Instance::Abandoned(const RunningCall& call, microseconds grace) noexcept {
  const Status why(StatusCode::kTimeout,
                   std::string(Name(call.call)) + "() did not return within " +
                       std::to_string(Milliseconds(call.limit)) + " ms, nor in the " +
                       std::to_string(Milliseconds(grace)) +
                       " ms after it was asked to: the instance is abandoned");
  AddStrike(call.call, {call.seq, call.chain}, why, kAbandoned);
  lease_.Slot().settled = 1;
  {
    const MutexLock lock(mutex_);
    if (!quarantined_) status_.state = PluginState::kFailed;
  }
  abandoned_ = true;
  host_.Abandon();
  on_abandoned_();
}

Result<Activation> Instance::Activate(Completions& completions) {
  BindThread();
  host_.SetCompletions(completions);
  Status status = Check();
  if (!status.ok()) return Refused(PluginCall::kCheckConfig, status);
  status = Create();
  if (!status.ok()) return Refused(PluginCall::kCreate, status);
  status = Init();
  if (!status.ok()) return Refused(PluginCall::kInit, status);
  host_.SetPhase(Host::Phase::kActive);
  {
    const MutexLock lock(mutex_);
    status_.state = PluginState::kRunning;
  }
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
    outcome = CheckConfig(context_, settings_, *module_);
    return USHER_OK;
  });
  return called.ok() ? outcome : called;
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
  if (!status.ok()) AnnounceFailure(call, {}, status, GetStatus().strikes);
}

void Instance::Destroy() {
  host_.SetPhase(Host::Phase::kStopped);
  CallEnd(PluginCall::kDestroy, plugin_->destroy);
  plugin_ = nullptr;
}

Status Instance::Refused(PluginCall call, const Status& why) {
  if (plugin_ != nullptr) Destroy();
  crash_thread_.reset();
  {
    const MutexLock lock(mutex_);
    status_.state = PluginState::kFailed;
  }
  AnnounceFailure(call, {}, why, 0);
  return why;
}

void Instance::WarnOfUnknownTypes() {
  for (const std::string& type : host_.Types().UnknownNames()) {
    context_.diagnostics.Log(Severity::kWarning, "plugin " + name_,
                             "wants events of the type '" + type +
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
  if (!status.ok()) AddStrike(PluginCall::kOnSnapshot, {}, status);
  return snapshot_seq_;
}

bool Instance::Concerns(const Event& event) const {
  if (!Info().wants_own_events && IsAboutInstance(event, name_)) return false;
  return host_.Types().Wants(event);
}

Outcome Instance::Deliver(const DeliveredEvent& delivered) {
  if (plugin_->on_event == nullptr || !Concerns(delivered.event)) return Outcome::kDone;
  CallTimersBefore(delivered.event);
  if (quarantined_) return Outcome::kRetry;
  const usher_event& event = view_.Show(delivered);
  const Cause cause{delivered.event.seq, delivered.event.chain};
  const AtHand at_hand(host_, cause);
  usher_status answer = USHER_OK;
  const Status status = Call(PluginCall::kOnEvent, cause, [&](usher_error* error) {
    answer = plugin_->on_event(plugin_, &event, error);
    return IsAnswer(answer) ? USHER_OK : answer;
  });
  if (status.ok() && answer == USHER_PENDING) host_.Causes().Keep(cause);
  if (status.ok()) return OutcomeOf(answer);
  Failed(delivered.event.seq, delivered.event.chain, status);
  return Outcome::kFailed;
}

void Instance::Failed(Seq seq, uint32_t chain, const Status& why) {
  AddStrike(PluginCall::kOnEvent, {seq, chain}, why);
}

const char* Instance::ReasonToSkip(Seq seq) const {
  return health_.Failures(seq) >= Health::kMostFailures ? kFailedTwice : nullptr;
}

void Instance::Skipped(Seq from, Seq to, const std::string& reason) {
  if (abandoned_) return;
  Announce(EventType::kPluginSkipped, {},
           {{"from", std::to_string(from)}, {"to", std::to_string(to)}, {"reason", reason}});
  if (to > snapshot_seq_) ShowSnapshot(USHER_SNAPSHOT_SKIPPED);
}

void Instance::Troubled(const Status& trouble) {
  context_.diagnostics.Log(Severity::kError, "plugin " + name_, trouble.message());
}

void Instance::CallTimersBefore(const Event& event) {
  if (!context_.simulated) {
    if (host_.Timers().NextAt()) CallTimers(host_.Now().monotonic_us);
    return;
  }
  CallTimers(event.time.monotonic_us);
  host_.AdvanceTimers(event.time.monotonic_us);
}

void Instance::CallTimers(int64_t now_us) {
  const int most = context_.simulated ? kMostSimulatedCalls : kMostCalls;
  for (int calls = 0; calls < most && !quarantined_ && !abandoned_; ++calls) {
    const std::optional<int64_t> next = host_.Timers().NextAt();
    if (!next || *next > now_us) return;
    // Simulated time leaps, and what it leaps over has not been missed.
    const auto due = host_.Timers().TakeDue(context_.simulated ? *next : now_us);
    if (due) CallTimer(*due);
  }
}

void Instance::CallTimer(const PluginTimers::Due& due) {
  if (context_.simulated) host_.AdvanceTimers(due.at_us);
  const AtHand at_hand(host_, due.call.cause);
  const Status status = Call(PluginCall::kTimer, due.call.cause, [&due](usher_error* error) {
    return due.call.callback(due.call.context, due.timer, error);
  });
  if (!status.ok()) AddStrike(PluginCall::kTimer, due.call.cause, status);
}

/// Nobody wakes a lane when a simulated clock moves: it is looked at now and then. Its events are
/// on their way while it moves, and come first.
Condition::TimePoint Instance::TendTimers() {
  if (!host_.Timers().NextAt()) return Condition::TimePoint::max();
  const auto poll = steady_clock::now() + kSimulatedPoll;
  const int64_t now_us = host_.Now().monotonic_us;
  if (context_.simulated && std::exchange(clock_us_, now_us) != now_us) return poll;
  CallTimers(now_us);
  if (quarantined_) return steady_clock::now();
  const std::optional<int64_t> next = host_.Timers().NextAt();
  if (!next) return Condition::TimePoint::max();
  if (context_.simulated) return poll;
  return steady_clock::now() + microseconds(std::max<int64_t>(*next - now_us, 0));
}

Condition::TimePoint Instance::Tend() {
  const Condition::TimePoint timers = TendTimers();
  return std::min(timers, TendLimit());
}

Condition::TimePoint Instance::TendLimit() {
  if (!limit_.TellAt()) return Condition::TimePoint::max();
  const Timestamp now = context_.clock.Now();
  limit_.Tell(now);
  const std::optional<int64_t> next = limit_.TellAt();
  if (!next) return Condition::TimePoint::max();
  return steady_clock::now() + microseconds(*next - now.monotonic_us);
}

bool Instance::Exhausted() const {
  return quarantined_;
}

void Instance::Deactivate() noexcept {
  if (abandoned_) return;
  host_.AskToStop();
  host_.SetPhase(Host::Phase::kStopping);
  CallEnd(PluginCall::kStop, plugin_->stop);
  Destroy();
  crash_thread_.reset();
  if (!abandoned_) limit_.TellAll(context_.clock.Now());
  const MutexLock lock(mutex_);
  if (status_.state == PluginState::kRunning) status_.state = PluginState::kStopped;
}

InstanceStatus Instance::GetStatus() const {
  const MutexLock lock(mutex_);
  return status_;
}

void Instance::AskToStop() noexcept {
  host_.AskToStop();
  watch_.Hurry();
}

void Instance::Abandon() noexcept {
  watch_.Abandon();
  lease_.Slot().settled = 1;
  abandoned_ = true;
  host_.Abandon();
}

void Instance::AddStrike(PluginCall call, Cause cause, const Status& why, const char* reason) {
  const int64_t now_us = context_.clock.Now().realtime_us;
  const uint32_t strikes =
      health_.Add({now_us, call, cause.seq}, ToUtf8(why.message(), kMaxErrorBytes));
  const bool quarantine = health_.quarantined_us != 0;
  {
    const MutexLock lock(mutex_);
    status_.strikes = strikes;
    status_.quarantined_us = health_.quarantined_us;
    if (quarantine) status_.state = PluginState::kQuarantined;
  }
  if (context_.health != nullptr) {
    const Status saved = context_.health->Save(name_, health_);
    if (!saved.ok()) Troubled(saved.Annotate("that it failed cannot be noted"));
  }
  if (quarantine) quarantined_ = true;
  AnnounceFailure(call, cause, why, strikes, reason);
  if (!quarantine) return;
  Announce(EventType::kPluginQuarantined, cause,
           {{"strikes", std::to_string(strikes)},
            {"window_s", std::to_string(Health::kWindowUs / 1'000'000)}});
  context_.diagnostics.Log(
      Severity::kError, "plugin " + name_,
      "is quarantined after " + std::to_string(strikes) + " failures within " +
          std::to_string(Health::kWindowUs / 60'000'000) +
          " minutes; it gets no more events until it is released: usherctl plugins release " +
          name_);
}

void Instance::AnnounceFailure(PluginCall call, Cause cause, const Status& why, uint32_t strikes,
                               const char* reason) {
  const std::string error = ToUtf8(why.message(), kMaxErrorBytes);
  {
    const MutexLock lock(mutex_);
    status_.last_error = error;
  }
  Details details{{"call", std::string(Name(call))}};
  if (cause.seq != 0) details.emplace_back("seq", std::to_string(cause.seq));
  details.emplace_back("error", error);
  details.emplace_back("strikes", std::to_string(strikes));
  Announce(EventType::kPluginFailed, cause, std::move(details), reason);
  if (!abandoned_) context_.diagnostics.Log(Severity::kError, "plugin " + name_, error);
}

void Instance::Announce(EventType type, Cause cause, Details details, const char* reason) {
  if (abandoned_) return;
  details.insert(details.begin(), {{"instance", name_}, {"id", Info().id}});
  Event event = MakeBrokerEvent(type, context_.clock.Now(), std::move(details));
  event.reason = reason;
  SetCause(event, cause);
  limit_.Announce(std::move(event));
}

}  // namespace broker
