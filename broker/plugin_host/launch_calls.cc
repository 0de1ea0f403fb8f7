#include "plugin_host/launch_calls.h"

#include <string>

#include "event/text.h"

namespace broker {
namespace {

constexpr size_t kMostText = 4096;

void AddStart(const LaunchStart& start, Details& details) {
  details.emplace_back("pid", std::to_string(start.pid));
  if (start.adopted) details.emplace_back("adopted", "yes");
  details.emplace_back("duration_us", std::to_string(start.duration.count()));
}

void AddFailure(const LaunchFailure& failure, Details& details) {
  details.emplace_back("stage", std::string(Name(failure.stage)));
  if (!failure.call.empty()) details.emplace_back("call", failure.call);
  details.emplace_back("error", ToUtf8(failure.meaning, kMostText));
  details.emplace_back("remedy", std::string(Name(failure.remedy)));
  if (failure.until != EventType::kUnknown) {
    details.emplace_back("until", std::string(Name(failure.until)));
  }
  if (!failure.advice.empty()) details.emplace_back("advice", ToUtf8(failure.advice, kMostText));
}

EventType TypeOf(const PluginLaunches::News& news) {
  if (!news.end) return EventType::kAgentStarted;
  return news.end->kind == LaunchEndKind::kStopped ? EventType::kAgentStopped
                                                   : EventType::kAgentExited;
}

Details DetailsOf(const PluginLaunches::News& news) {
  Details details = DetailsOfAgent(news.agent.name, news.agent.session);
  if (news.end) {
    AddEnd(*news.end, details);
  } else {
    AddStart(*news.agent.start, details);
  }
  return details;
}

}  // namespace

void AddEnd(const LaunchEnd& end, Details& details) {
  const bool failed = end.kind == LaunchEndKind::kFailed;
  const bool ended = end.kind == LaunchEndKind::kExited || end.kind == LaunchEndKind::kSignaled;
  details.emplace_back("result", std::string(Name(end.kind)));
  if (ended || (failed && end.code != 0)) details.emplace_back("code", std::to_string(end.code));
  if (end.IsFailure()) AddFailure(end.failure, details);
  if (!failed) details.emplace_back("duration_us", std::to_string(end.duration.count()));
}

Details DetailsOfAgent(const std::string& agent, const std::string& session) {
  return {{"agent", ToUtf8(agent, kMostText)}, {"session", ToUtf8(session, kMostText)}};
}

Event MakeAgentEvent(EventType type, const Emitter& whose, Cause cause, Timestamp now,
                     Details details) {
  details.insert(details.begin(),
                 {{"instance", std::string(whose.instance)}, {"id", std::string(whose.id)}});
  Event event = MakeBrokerEvent(type, now, std::move(details));
  SetCause(event, cause);
  return event;
}

Event EventOf(const PluginLaunches::News& news, const Emitter& whose, Timestamp now) {
  return MakeAgentEvent(TypeOf(news), whose, news.agent.call.cause, now, DetailsOf(news));
}

void LaunchCalls::CallHeard() {
  while (!health_.Quarantined() && !health_.Silent()) {
    auto news = host_.Launches().Take();
    if (!news) return;
    if (news->end) host_.ExplainEnd(news->agent, *news->end);
    Announce(*news);
    if (news->agent.call.callback != nullptr) call_(*news);
  }
}

void LaunchCalls::Announce(const PluginLaunches::News& news) {
  host_.AnnounceAgent(TypeOf(news), news.agent.call.cause, DetailsOf(news));
}

}  // namespace broker
