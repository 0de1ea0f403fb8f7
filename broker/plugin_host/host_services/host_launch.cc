#include <algorithm>
#include <cstddef>
#include <utility>

#include "event/text.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/host_services/launch_request.h"
#include "plugin_host/launch_calls.h"

namespace broker {
namespace {

constexpr size_t kMostText = 512;
constexpr uint32_t kLeastStatus = offsetof(usher_agent_status, cause) + sizeof(uint64_t);

std::string TextOr(const char* text) {
  return text == nullptr ? std::string() : CutText(text, kMostText);
}

// Refusals have the status that the plugin gets for their code.
static_assert(kInvalidCode == USHER_INVALID_ARGUMENT && kNotFoundCode == USHER_NOT_FOUND);
static_assert(kNotPermittedCode == USHER_NOT_PERMITTED && kLimitCode == USHER_LIMIT);
static_assert(kIoCode == USHER_IO);

std::optional<LaunchFailure> RefusalOf(usher_status status, std::string why) {
  if (status == USHER_OK) return std::nullopt;
  const auto stage = status == USHER_NOT_FOUND ? LaunchStage::kSession : LaunchStage::kPolicy;
  return Refusal(stage, "start", status, std::move(why));
}

/// What is told of a supervisor's state: that it waits, and that it has given up.
std::optional<EventType> TypeOf(AgentState state) {
  if (state == AgentState::kBackingOff) return EventType::kAgentBackingOff;
  if (state == AgentState::kGaveUp) return EventType::kAgentGaveUp;
  return std::nullopt;
}

Details DetailsOf(const AgentStatus& status, int64_t now_us) {
  Details details = DetailsOfAgent(status.agent, status.session);
  details.emplace_back("restarts", std::to_string(status.restarts));
  if (!status.last_exit.empty()) details.emplace_back("last_exit", status.last_exit);
  if (!status.reason.empty()) details.emplace_back("why", status.reason);
  if (status.next_try_us != 0) {
    const int64_t delay_us = std::max<int64_t>(status.next_try_us - now_us, 0);
    details.emplace_back("delay_us", std::to_string(delay_us));
  }
  return details;
}

/// The other sessions of its user.
std::vector<SessionRef> OthersOf(const Session& session, const SessionSnapshot& now) {
  std::vector<SessionRef> others;
  for (const SessionRef& each : now.sessions) {
    const bool is_other = each->UserId() == session.UserId() && each->Key() != session.Key();
    if (is_other) others.push_back(each);
  }
  return others;
}

}  // namespace

usher_status Host::StartLaunch(const usher_launch_request& request, PluginLaunches::Call call,
                               usher_launch& launch, std::string& why) {
  if (!launches_.Possible() || GetPhase() < Phase::kActive) {
    why = "agents are launched once init() has returned";
    return USHER_INVALID_ARGUMENT;
  }
  LaunchOrder order;
  order.instance = name_;
  std::string session_id;
  auto refusal = ReadLaunchOrder(request, order, session_id, call.cause);
  Details details = DetailsOfAgent(order.agent, session_id);
  details.emplace_back("program", ToUtf8(order.program, kMostText));
  details.emplace_back("token", std::string(Name(order.token)));
  if (!refusal) refusal = TryLaunch(std::move(order), call, launch);
  if (!refusal) {
    AnnounceAgent(EventType::kAgentLaunching, call.cause, std::move(details));
    return USHER_OK;
  }
  why = refusal->meaning + "; " + refusal->advice;
  const usher_status status = refusal->code;
  AddEnd(EndOfFailed(*std::move(refusal)), details);
  AnnounceAgent(EventType::kAgentExited, call.cause, std::move(details));
  return status;
}

std::optional<LaunchFailure> Host::ReadLaunchOrder(const usher_launch_request& request,
                                                   LaunchOrder& order, std::string& session_id,
                                                   Cause& cause) const {
  std::string why;
  usher_status status = ReadLaunchRequest(request, order, session_id, why);
  if (status == USHER_OK) status = Resolve(request.cause, session_id, cause, order.session, why);
  if (status == USHER_OK && order.session == nullptr) {
    why = "an agent needs a session";
    status = USHER_INVALID_ARGUMENT;
  }
  if (status == USHER_OK && order.scope == LaunchScope::kUser) {
    order.others = OthersOf(*order.session, context_.sessions.Snapshot());
  }
  return RefusalOf(status, std::move(why));
}

std::optional<LaunchFailure> Host::TryLaunch(LaunchOrder order, const PluginLaunches::Call& call,
                                             usher_launch& launch) {
  if (auto refusal = CheckLaunch(order)) return refusal;
  if (auto refusal = CheckRights(order, launch_rights_)) return refusal;
  std::string why;
  const usher_status status = launches_.Start(std::move(order), call, launch, why);
  return RefusalOf(status, std::move(why));
}

usher_status Host::DescribeAgent(const usher_agent_status& raw, std::string& why) {
  const bool known = raw.size >= kLeastStatus && raw.agent != nullptr &&
                     raw.session_id != nullptr && raw.state >= USHER_AGENT_WAITING &&
                     raw.state <= USHER_AGENT_GONE;
  if (!known) {
    why = "an agent's status needs its size, the agent, its session, and a state that there is";
    return USHER_INVALID_ARGUMENT;
  }
  const std::optional<Cause> cause = CauseOf(raw.cause);
  const AgentStatus status{name_,
                           TextOr(raw.agent),
                           TextOr(raw.session_id),
                           static_cast<AgentState>(raw.state),
                           TextOr(raw.last_exit),
                           TextOr(raw.reason),
                           raw.pid,
                           raw.next_try_us,
                           raw.restarts};
  if (context_.agents == nullptr || !context_.agents->Put(status)) return USHER_OK;
  const auto type = TypeOf(status.state);
  if (type)
    AnnounceAgent(*type, cause.value_or(Cause()), DetailsOf(status, PluginNow().realtime_us));
  return USHER_OK;
}

void Host::ExplainEnd(const PluginLaunches::Agent& agent, LaunchEnd& end) const {
  const SessionRef session = FindSession(agent.session, 0);
  const bool is_its = session != nullptr && session->Key() == agent.owner;
  const bool of_user = session != nullptr && session->UserId() == agent.owner;
  // Of a user's agent the session may be gone that it was asked for in.
  ExplainEarlyExit(end, is_its || of_user ? HowIs(session.get()) : SessionIs::kAnyhow);
}

void Host::LeaveAgents() {
  launches_.LeaveAll();
  if (context_.agents != nullptr) context_.agents->Forget(name_);
}

void Host::AnnounceAgent(EventType type, Cause cause, Details details) {
  AnnounceLimit* const limit = limit_;
  if (limit == nullptr) return;
  Event event = MakeAgentEvent(type, {name_, id_}, cause, Now(), std::move(details));
  const auto agents = static_cast<uint32_t>(std::max<size_t>(launches_.Most(), 1));
  limit->Announce(std::move(event), PluginNow(), AnnounceLimit::kPerMinute * agents);
}

}  // namespace broker
