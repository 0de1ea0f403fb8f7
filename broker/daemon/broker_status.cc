#include "daemon/broker_status.h"

#include <algorithm>
#include <string>

#include "daemon/service.h"
#include "event/text.h"
#include "plugin_host/addressed.h"

namespace broker {
namespace {

constexpr size_t kMaxName = 64;
constexpr size_t kMaxError = 2048;
// For the first call: a broker that stops waits as long for who traces.
constexpr std::chrono::milliseconds kTraceWait{500};
constexpr std::chrono::seconds kLoggedTime{1};

std::string SourceState(const PumpStatus& pump) {
  if (pump.source_lost) return "lost";
  if (pump.source_ended) return "finished";
  return pump.source_known ? "connected" : "starting";
}

/// How old the first event is that an instance has not finished, as far as the ring goes back.
int64_t Behind(const PluginStatus& plugin, const EventRing& ring, int64_t now_us) {
  if (plugin.lag == 0) return 0;
  const Seq next = plugin.acknowledged + 1;
  BatchRef batch = ring.Find(next);
  if (batch == nullptr) batch = ring.Front();
  if (batch == nullptr) return 0;
  const auto first = std::ranges::lower_bound(batch->events, next, {}, &Event::seq);
  if (first == batch->events.end()) return 0;
  return std::max<int64_t>(now_us - first->time.realtime_us, 0);
}

PluginRow ToRow(const PluginProgress& progress) {
  const PluginStatus& plugin = progress.status;
  PluginRow row;
  row.name = plugin.instance;
  row.state = Name(plugin.state);
  row.id = plugin.id;
  row.version = plugin.version;
  row.library = plugin.library;
  row.strikes = plugin.strikes;
  row.acknowledged = plugin.acknowledged;
  row.lag = plugin.lag;
  row.last_error = plugin.last_error;
  row.quarantined_us = plugin.quarantined_us;
  row.behind_us = progress.behind_us;
  row.skipped = plugin.skipped;
  return row;
}

AgentRow ToRow(const AgentStatus& agent) {
  AgentRow row;
  row.instance = agent.instance;
  row.agent = agent.agent;
  row.session = agent.session;
  row.state = Name(agent.state);
  row.pid = agent.pid;
  row.restarts = agent.restarts;
  row.last_exit = agent.last_exit;
  row.reason = agent.reason;
  row.next_try_us = agent.next_try_us;
  return row;
}

/// Events of the broker's own say what it has done: nobody else may.
bool MayBeInjected(EventType type) {
  const std::string_view name = Name(type);
  return name.starts_with("session.") || name.starts_with("system.") ||
         type == EventType::kConsoleSwitched;
}

/// The instances that supervise such an agent there; `agents` are in the order of these.
std::vector<std::string> SupervisorsOf(const AgentRequest& request,
                                       const std::vector<AgentStatus>& agents) {
  std::vector<std::string> instances;
  for (const AgentStatus& agent : agents) {
    const bool is_asked = agent.agent == request.agent &&
                          (request.session.empty() || agent.session == request.session) &&
                          (request.instance.empty() || agent.instance == request.instance);
    const bool is_new = instances.empty() || instances.back() != agent.instance;
    if (is_asked && is_new) instances.push_back(agent.instance);
  }
  return instances;
}

Status NoSuchAgent(const AgentRequest& request, const std::vector<AgentStatus>& agents) {
  const auto quoted = [](const std::string& name) { return "'" + ToUtf8(name, kMaxName) + "'"; };
  const bool elsewhere = std::ranges::any_of(
      agents, [&](const AgentStatus& agent) { return agent.agent == request.agent; });
  std::string text = "there is no agent " + quoted(request.agent);
  if (elsewhere && !request.session.empty()) text += " in a session " + quoted(request.session);
  if (elsewhere && !request.instance.empty()) text += " of a plugin " + quoted(request.instance);
  return {StatusCode::kNotFound, text + "; usherctl agents shows those there are"};
}

bool HasFailed(const PluginProgress& plugin) {
  const PluginState state = plugin.status.state;
  return state == PluginState::kFailed || state == PluginState::kQuarantined;
}

bool Runs(const PluginProgress& plugin) {
  return plugin.status.state == PluginState::kRunning;
}

}  // namespace

BrokerStatus::BrokerStatus(Parts parts)
    : parts_(parts),
      started_us_(SystemClock().Now().realtime_us),
      refused_(parts_.pump, "control") {}

StatusResult BrokerStatus::GetStatus() {
  const PumpStatus pump = parts_.pump.GetStatus();
  const std::vector<PluginProgress> plugins = Progress();
  HealthReport report = ReportHealth(parts_.source.Name(), pump, plugins);
  StatusResult result;
  result.version = USHER_VERSION;
  result.pid = ProcessId();
  result.started_us = started_us_;
  result.source = parts_.source.Name();
  result.source_state = SourceState(pump);
  result.source_since_us = pump.source_since_us;
  result.source_dropped = pump.source_dropped;
  result.log_directory = parts_.settings.log.directory;
  result.log_degraded = pump.log.degraded;
  result.log_degraded_since_us = pump.degraded_since_us;
  result.log_unwritten = pump.log.unwritten;
  result.log_lost = pump.log.lost;
  result.log_trouble = pump.log.trouble;
  result.last_seq = pump.last_seq;
  result.sessions = parts_.sessions.Snapshot().sessions.size();
  result.plugins_failed =
      static_cast<uint64_t>(std::count_if(plugins.begin(), plugins.end(), HasFailed));
  result.plugins_running =
      static_cast<uint64_t>(std::count_if(plugins.begin(), plugins.end(), Runs));
  result.trouble = std::move(report.trouble);
  result.losses = std::move(report.losses);
  return result;
}

std::vector<PluginProgress> BrokerStatus::Progress() const {
  const int64_t now_us = parts_.source.SourceClock().Now().realtime_us;
  std::vector<PluginProgress> plugins;
  for (PluginStatus& plugin : parts_.plugins.List()) {
    const int64_t behind_us = Behind(plugin, parts_.ring, now_us);
    plugins.push_back({std::move(plugin), behind_us});
  }
  return plugins;
}

SessionsResult BrokerStatus::GetSessions() {
  const SessionSnapshot snapshot = parts_.sessions.Snapshot();
  SessionsResult result;
  result.as_of = snapshot.as_of;
  for (const SessionRef& session : snapshot.sessions) result.sessions.push_back(*session);
  return result;
}

Status BrokerStatus::EnablePlugin(const std::string& instance, const Peer& by) {
  return Announced("plugins.enable", instance, by, parts_.plugins.Enable(instance));
}

Status BrokerStatus::DisablePlugin(const std::string& instance, const Peer& by) {
  // It gets what was asked before, if that can be logged in time.
  static_cast<void>(parts_.pump.Sync(kLoggedTime));
  return Announced("plugins.disable", instance, by, parts_.plugins.Disable(instance));
}

Status BrokerStatus::ReloadPlugin(const std::string& instance, const Peer& by) {
  return Announced("plugins.reload", instance, by, parts_.plugins.Reload(instance));
}

Status BrokerStatus::ReleasePlugin(const std::string& instance, const Peer& by) {
  return Announced("plugins.release", instance, by, parts_.plugins.Release(instance));
}

AgentsResult BrokerStatus::GetAgents() {
  AgentsResult result;
  for (const AgentStatus& agent : parts_.agents.List()) result.agents.push_back(ToRow(agent));
  return result;
}

/// The event is the request: those whose agents they are act upon it.
Result<AgentRequestResult> BrokerStatus::SteerAgents(const std::string& method,
                                                     const AgentRequest& request, const Peer& by) {
  const std::vector<AgentStatus> agents = parts_.agents.List();
  AgentRequestResult result{SupervisorsOf(request, agents)};
  const bool known = !result.instances.empty();
  const Status status = known ? Status() : NoSuchAgent(request, agents);
  Event event = MakeRequest(method, request.agent, by, status);
  if (!request.session.empty()) {
    event.details.emplace_back("session", ToUtf8(request.session, kMaxName));
  }
  if (known) Address(result.instances, event);
  parts_.pump.Announce(std::move(event));
  if (!known) return status;
  return result;
}

Result<ReloadResult> BrokerStatus::Reload(const Peer& by) {
  ReloadResult result = parts_.reloader.Reload();
  Status status;
  if (!result.errors.empty()) {
    status = {StatusCode::kInvalid, result.errors.front()};
  } else if (!result.failed.empty()) {
    status = {StatusCode::kUnavailable,
              result.failed.front().instance + ": " + result.failed.front().error};
  }
  AnnounceRequest("reload", "", by, status);
  return result;
}

Status BrokerStatus::Emit(const Emission& emission, const Peer& by) {
  Result<Event> event = Injected(emission);
  Status status = event.status();
  if (event.ok()) parts_.pump.Announce(std::move(event).value());
  return Announced("emit", emission.type, by, std::move(status));
}

/// The event as a source would have told of it, but marked.
Result<Event> BrokerStatus::Injected(const Emission& emission) const {
  if (!parts_.reloader.AllowsEmit()) {
    return Status(StatusCode::kPermission,
                  "the configuration does not allow it: set 'allow_emit = true' under [control]");
  }
  const auto type = ParseEventType(emission.type);
  if (!type || !MayBeInjected(*type)) {
    return Status(StatusCode::kInvalid, "'" + ToUtf8(emission.type, kMaxName) +
                                            "' cannot be emitted: only what a source says, "
                                            "session.*, console.switched and system.*, can");
  }
  Event event = MakeBrokerEvent(*type, parts_.source.SourceClock().Now(), emission.details);
  event.origin = Origin::kInjected;
  event.reason = emission.reason;
  if (emission.session.empty()) return event;
  const SessionSnapshot snapshot = parts_.sessions.Snapshot();
  const auto session = std::ranges::find_if(
      snapshot.sessions, [&](const SessionRef& each) { return each->Id() == emission.session; });
  if (session == snapshot.sessions.end()) {
    return Status(StatusCode::kNotFound, "there is no session '" +
                                             ToUtf8(emission.session, kMaxName) +
                                             "'; usherctl sessions shows those there are");
  }
  event.session = *session;
  return event;
}

Status BrokerStatus::Announced(const std::string& method, const std::string& instance,
                               const Peer& by, Status outcome) {
  AnnounceRequest(method, instance, by, outcome);
  return outcome;
}

Result<TraceResult> BrokerStatus::TracePlugin(const std::string& instance, uint64_t after) {
  const Result<TracePage> page = parts_.plugins.Trace(instance, after, kTraceWait);
  if (!page.ok()) return page.status();
  TraceResult result{{}, page->next, page->lost};
  for (const TracedCall& call : page->calls) {
    result.calls.push_back({call.begin_us, std::string(Name(call.call)), call.seq,
                            static_cast<uint64_t>(call.duration.count()), call.result});
  }
  return result;
}

Event BrokerStatus::MakeRequest(const std::string& method, const std::string& instance,
                                const Peer& by, const Status& outcome) const {
  Event event = MakeRequest(method, instance, by, outcome.ok() ? "done" : "failed");
  if (!outcome.ok()) event.details.emplace_back("error", ToUtf8(outcome.message(), kMaxError));
  return event;
}

Event BrokerStatus::MakeRequest(const std::string& method, const std::string& instance,
                                const Peer& by, const char* result) const {
  return MakeBrokerEvent(EventType::kControlRequest, parts_.source.SourceClock().Now(),
                         {{"method", method},
                          {"name", ToUtf8(instance, kMaxName)},
                          {"uid", by.user_id},
                          {"pid", std::to_string(by.pid)},
                          {"result", result}});
}

void BrokerStatus::AnnounceRequest(const std::string& method, const std::string& instance,
                                   const Peer& by, const Status& outcome) {
  parts_.pump.Announce(MakeRequest(method, instance, by, outcome));
}

void BrokerStatus::NoteRefused(const std::string& method, const std::string& instance,
                               const Peer& by) {
  refused_.Announce(MakeRequest(method, instance, by, "refused"));
}

PluginsResult BrokerStatus::GetPlugins() {
  PluginsResult result;
  for (const PluginProgress& plugin : Progress()) result.plugins.push_back(ToRow(plugin));
  return result;
}

}  // namespace broker
