#include "post.h"

#include "variables.h"

namespace agents {
namespace {

/// UTC microseconds of a moment.
int64_t UtcOf(const usher::Host& host, Moment moment) {
  int64_t realtime = 0;
  int64_t monotonic = 0;
  host.Require<usher_ext_timer>(USHER_EXT_TIMER).now(host.raw(), &realtime, &monotonic);
  return realtime + (moment.count() - monotonic);
}

News NewsOf(const usher::LaunchNews& from) {
  News news;
  news.change = from.change();
  news.code = from.code();
  news.pid = from.pid();
  news.adopted = from.adopted();
  news.duration = from.duration();
  news.meaning = from.meaning();
  news.advice = from.advice();
  news.remedy = from.remedy();
  news.until = from.until();
  return news;
}

/// An agent that the broker does not even try to start.
News NewsOf(const usher::Error& refusal) {
  News news;
  news.change = usher::LaunchChange::kFailed;
  news.meaning = refusal.what();
  switch (refusal.status()) {
    case USHER_NOT_FOUND:
      news.remedy = usher::Remedy::kDrop;
      break;
    case USHER_NOT_PERMITTED:
    case USHER_INVALID_ARGUMENT:
      news.remedy = usher::Remedy::kFix;
      break;
    default:
      news.remedy = usher::Remedy::kRetry;
      break;
  }
  return news;
}

}  // namespace

Moment Now(const usher::Host& host) {
  return host.Timers()->Now();
}

void Describe(const usher::Host& host, const usher::AgentStatus& status) {
  try {
    host.Launcher()->Describe(status);
  } catch (const usher::Error& error) {
    host.LogWarning(error.what());
  }
}

void Post::Wants(Moment now, const Want& want, const Session& session, usher::EventType happened) {
  session_ = session;
  Do(now, machine_.Wants(now, want, happened));
}

void Post::Do(Moment now, Action action) {
  while (action == Action::kLaunch) action = Launch(now);
  if (action == Action::kStop) launch_.Stop();
  Tell();
}

/// What is to be done next, where the broker refuses it.
Action Post::Launch(Moment now) {
  try {
    launch_ =
        host_.Launcher()->Start(Request(), [this](const usher::LaunchNews& news) { Told(news); });
    return Action::kNone;
  } catch (const usher::Error& refusal) {
    return machine_.Told(now, NewsOf(refusal));
  }
}

void Post::Told(const usher::LaunchNews& news) {
  const Moment now = Now(host_);
  Do(now, machine_.Told(now, NewsOf(news)));
  const auto changed = changed_;
  changed();
}

usher::LaunchRequest Post::Request() const {
  usher::LaunchRequest request = agent_.launch;
  request.session_id = session_.id;
  for (std::string& argument : request.arguments) argument = Expand(argument, session_);
  for (auto& [name, value] : request.variables) value = Expand(value, session_);
  return request;
}

Description Post::Described() const {
  Description described = machine_.Describe();
  const bool waits = agent_.launch.ready_when != 0;
  if (waits && described.state == usher::AgentState::kLaunching) {
    described.reason = "it starts once all that ready_when names is there";
  }
  return described;
}

void Post::Tell() {
  if (session_.key.empty()) return;
  const Description described = Described();
  if (told_of_ != session_.id) TellGone();
  if (told_ == described) return;
  told_ = described;
  told_of_ = session_.id;
  usher::AgentStatus status;
  status.agent = agent_.name;
  status.session_id = session_.id;
  status.state = described.state;
  status.last_exit = described.last_exit;
  status.reason = described.reason;
  status.pid = described.pid;
  status.next_try_us = described.next_try ? UtcOf(host_, *described.next_try) : 0;
  status.restarts = described.restarts;
  Describe(host_, status);
}

void Post::TellGone() {
  if (!told_) return;
  usher::AgentStatus status;
  status.agent = agent_.name;
  status.session_id = told_of_;
  status.state = usher::AgentState::kGone;
  Describe(host_, status);
  told_.reset();
}

}  // namespace agents
