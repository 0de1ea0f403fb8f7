#include "plugin_host/host_services/host.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "event/text.h"
#include "plugin_host/event_view.h"
#include "plugin_host/host_services/emission.h"
#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/run_request.h"
#include "plugin_host/plugin_call.h"

namespace broker {
namespace {

constexpr size_t kMaxNameBytes = 128;
constexpr uint32_t kMaxTypes = 256;
constexpr size_t kMaxLogBytes = 4096;

usher_status Subscribe(Host& host, const char* const* types, uint32_t count) {
  if (host.GetPhase() != Host::Phase::kInit) return USHER_INVALID_ARGUMENT;
  if (types == nullptr || count == 0 || count > kMaxTypes) return USHER_INVALID_ARGUMENT;
  std::vector<std::string> names;
  for (uint32_t i = 0; i < count; ++i) {
    const auto name = BoundedText(types[i], kMaxNameBytes);
    if (!name || !host.Types().Allows(*name)) return USHER_INVALID_ARGUMENT;
    names.emplace_back(*name);
  }
  host.Types().Narrow(std::move(names));
  return USHER_OK;
}

usher_host MakeTable(Host* self) {
  usher_host host = {};
  host.size = sizeof host;
  host.abi_version = USHER_ABI_VERSION;
  host.host_data = self;
  host.get_extension = [](const usher_host* caller, const char* id) noexcept -> const void* {
    const auto name = BoundedText(id, kMaxNameBytes);
    const Host* const asked = Host::From(caller);
    return asked != nullptr && name && asked->Grants(*name) ? FindExtension(*name) : nullptr;
  };
  host.subscribe = [](const usher_host* caller, const char* const* types, uint32_t count) noexcept {
    return OnPluginThread(caller, [&](Host& asking) { return Subscribe(asking, types, count); });
  };
  host.complete = [](const usher_host* caller, uint64_t seq, usher_status status,
                     const char* text) noexcept {
    Host* const called = Host::From(caller);
    if (called != nullptr && called->GetPhase() == Host::Phase::kStopped) {
      called->Misused("called complete() after stop() had returned");
    }
    return OnAnyThread(caller, [&](Host& asked) { return asked.Complete(seq, status, text); });
  };
  host.should_stop = [](const usher_host* caller) noexcept -> int32_t {
    const Host* const asked = Host::From(caller);
    return asked == nullptr || asked->ShouldStop() ? 1 : 0;
  };
  return host;
}

std::string NoCause(Seq cause) {
  return "event " + std::to_string(cause) + " is neither at hand nor open, so it is no cause";
}

LaunchRights RightsOf(const LaunchGrant& grant) {
  LaunchRights rights{grant.programs, {}, grant.classes};
  for (const std::string& token : grant.tokens) {
    if (const auto kind = ParseTokenKind(token)) rights.tokens.push_back(*kind);
  }
  return rights;
}

Severity SeverityOf(usher_log_severity severity) {
  return static_cast<Severity>(std::clamp(severity, USHER_LOG_DEBUG, USHER_LOG_ERROR));
}

}  // namespace

Host::Host(const HostContext& context, const PluginSettings& settings, const PluginInfo& info,
           const std::string& storage, Phase phase)
    : context_(context),
      name_(settings.name),
      id_(info.id),
      component_("plugin " + settings.name),
      denied_(settings.deny),
      granted_(settings.grant),
      config_(settings),
      storage_(context.files, storage),
      runs_(context.runner),
      launches_(context.launcher, settings.name, info.id, context.left.get()),
      actions_(context.actor),
      launch_rights_(RightsOf(settings.launch)),
      subscription_(info.event_types),
      remembers_(context.simulated && std::ranges::any_of(granted_, NeedsGrant)),
      phase_(phase),
      host_(MakeTable(this)) {}

bool Host::Grants(std::string_view id) const {
  if (GetPhase() == Phase::kCheck && !IsPure(id)) return false;
  if (id == USHER_EXT_RUN && !runs_.Possible()) return false;
  if (id == USHER_EXT_LAUNCH && !launches_.Possible()) return false;
  if (id == USHER_EXT_SESSION && !actions_.Possible()) return false;
  if (NeedsGrant(id) && std::find(granted_.begin(), granted_.end(), id) == granted_.end()) {
    return false;
  }
  return std::find(denied_.begin(), denied_.end(), id) == denied_.end();
}

void Host::AdvanceTimers(int64_t monotonic_us) {
  timer_time_us_ = std::max(timer_time_us_, monotonic_us);
}

int64_t Host::TimerNow() const {
  const bool own = context_.simulated && timer_time_us_ != 0;
  return own ? timer_time_us_ : Now().monotonic_us;
}

Timestamp Host::PluginNow() const {
  const Timestamp now = Now();
  if (!context_.simulated || !IsPluginThread()) return now;
  const int64_t ahead_us = TimerNow() - now.monotonic_us;
  return {now.realtime_us + ahead_us, now.monotonic_us + ahead_us};
}

std::optional<Cause> Host::CauseOf(Seq cause) const {
  if (cause != 0) return causes_.Find(cause);
  return IsPluginThread() ? causes_.AtHand() : Cause{};
}

usher_status Host::Emit(const char* type, const usher_detail* const* details, uint32_t count,
                        Seq cause, std::string& why) {
  AnnounceLimit* const limit = limit_;
  if (limit == nullptr || GetPhase() < Phase::kActive) {
    why = "events are emitted once init() has returned";
    return USHER_INVALID_ARGUMENT;
  }
  const std::optional<Cause> led_to_it = CauseOf(cause);
  if (!led_to_it) {
    why = NoCause(cause);
    return USHER_NOT_FOUND;
  }
  Event event;
  const usher_status status = ReadEmission({name_, id_}, type, details, count, event, why);
  if (status != USHER_OK) return status;
  event.time = Now();
  SetCause(event, *led_to_it);
  if (limit->Announce(std::move(event))) return USHER_OK;
  why = "at most " + std::to_string(AnnounceLimit::kPerMinute) +
        " events of a type are made in a minute, and none that has more than " +
        std::to_string(kMaxChain) + " causes before it";
  return USHER_LIMIT;
}

void Host::Remember(const Event& event) {
  const SessionRef& session = event.session ? event.session : event.before;
  if (!session) return;
  if (event.type == EventType::kSessionDestroyed) {
    met_.erase(std::string(session->Id()));
  } else {
    met_.insert_or_assign(std::string(session->Id()), session);
  }
}

void Host::KeepAtHand() {
  const Cause cause = causes_.AtHand();
  causes_.Keep(cause);
  std::erase_if(sessions_, [this](const auto& kept) { return !causes_.Find(kept.first); });
  if (session_at_hand_ != nullptr) sessions_.emplace(cause.seq, *session_at_hand_);
}

/// The session of the event `cause`; null where the plugin is not busy with that.
SessionRef Host::SessionOf(Seq cause) const {
  if (session_at_hand_ != nullptr && causes_.AtHand().seq == cause) return *session_at_hand_;
  const auto kept = sessions_.find(cause);
  return kept == sessions_.end() ? nullptr : kept->second;
}

SessionRef Host::FindSession(const std::string& id, Seq cause) const {
  SessionRef own = SessionOf(cause);
  if (own != nullptr && own->Id() == id) return own;
  if (const auto met = met_.find(id); met != met_.end()) return met->second;
  const SessionSnapshot now = context_.sessions.Snapshot();
  const auto found = std::find_if(now.sessions.begin(), now.sessions.end(),
                                  [&id](const SessionRef& session) { return session->Id() == id; });
  return found == now.sessions.end() ? nullptr : *found;
}

usher_status Host::StartRun(const usher_run_request& request, PluginRuns::Call call, usher_run& run,
                            std::string& why) {
  if (!runs_.Possible() || GetPhase() < Phase::kActive) {
    why = "programs are run once init() has returned";
    return USHER_INVALID_ARGUMENT;
  }
  RunOrder order;
  order.instance = name_;
  order.asked_us = TimerNow();
  std::string session_id;
  const usher_status status = ReadRunRequest(request, order, session_id, why);
  if (status != USHER_OK) return status;
  const usher_status found = Resolve(request.cause, session_id, call.cause, order.session, why);
  return found == USHER_OK ? runs_.Start(std::move(order), call, run, why) : found;
}

usher_status Host::RequestAction(SessionAction action, const char* session_id, Seq cause,
                                 std::string& why) {
  const auto id = BoundedText(session_id, kMaxNameBytes);
  if (!id || id->empty()) {
    why = "an action needs a session's id";
    return USHER_INVALID_ARGUMENT;
  }
  Cause led_to_it;
  SessionRef session;
  const usher_status found = Resolve(cause, std::string(*id), led_to_it, session, why);
  if (found == USHER_OK) actions_.Request(action, session, led_to_it);
  return found;
}

usher_status Host::Resolve(Seq cause, const std::string& session_id, Cause& led_to_it,
                           SessionRef& session, std::string& why) const {
  const std::optional<Cause> known = CauseOf(cause);
  if (!known) {
    why = NoCause(cause);
    return USHER_NOT_FOUND;
  }
  led_to_it = *known;
  if (session_id.empty()) return USHER_OK;
  session = FindSession(session_id, known->seq);
  if (session != nullptr) return USHER_OK;
  why = "there is no session '" + ToUtf8(session_id, kMaxNameBytes) + "'";
  return USHER_NOT_FOUND;
}

Host* Host::From(const usher_host* host) noexcept {
  return host == nullptr ? nullptr : static_cast<Host*>(host->host_data);
}

void Host::Say(usher_log_severity severity, const char* text) noexcept {
  if (text == nullptr || GetPhase() == Phase::kAbandoned) return;
  try {
    context_.diagnostics.Log(SeverityOf(severity), component_, CutText(text, kMaxLogBytes));
  } catch (...) {  // Out of memory: a sentence less.
    return;
  }
}

usher_status Host::Complete(Seq seq, usher_status status, const char* text) {
  if (status > 0) {
    Misused("called complete() with a positive status, which ends nothing");
    return USHER_INVALID_ARGUMENT;
  }
  if (status < 0 && GetPhase() == Phase::kStopping) return USHER_STOPPED;
  Completions* const completions = completions_.load();
  if (completions == nullptr) return USHER_NOT_FOUND;
  const bool was_open = completions->Complete(seq, StatusOfCompletion(status, text));
  causes_.Forget(seq);
  if (was_open) return USHER_OK;
  Misused("called complete() for event " + std::to_string(seq) + ", which was not open");
  return USHER_NOT_FOUND;
}

usher_status Host::ShowSessions(void (*callback)(void*, const usher_snapshot*), void* context) {
  const SnapshotView view(context_.sessions.Snapshot(), USHER_SNAPSHOT_ACTIVATED,
                          context_.clock.Now().realtime_us);
  callback(context, &view.Get());
  return USHER_OK;
}

}  // namespace broker
