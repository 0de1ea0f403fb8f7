#include "supervisor.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "selection.h"

namespace agents {
namespace {

using usher::AgentState;
using usher::EventType;
using usher::Origin;

constexpr Moment kFirstPoll = std::chrono::milliseconds(50);
constexpr Moment kLongestPoll = std::chrono::seconds(5);
constexpr size_t kMostTimers = 48;
static_assert(kMostTimers < USHER_TIMER_MAX_TIMERS);

/// Only what the system says is believed; what was recorded is played where nothing is real.
bool IsTrue(Origin origin) {
  return origin == Origin::kOs || origin == Origin::kReconciled || origin == Origin::kRecorded;
}

std::string PlaceOf(const Agent& agent, const Session& session) {
  switch (agent.scope) {
    case Scope::kUser:
      return "user " + session.user_id;
    case Scope::kConsole:
      return "seat " + session.seat;
    case Scope::kSession:
      break;
  }
  return session.key;
}

/// For whom an agent runs: on Windows the logon screen's session becomes the user's.
std::string TargetOf(const Agent& agent, const Session& session) {
  return agent.scope == Scope::kUser ? session.user_id : session.key + " " + session.user_id;
}

}  // namespace

Supervisor::Supervisor(const usher::Host& host, Settings settings, AccountLookup::Find find,
                       uint32_t seed)
    : host_(host), random_(seed), memory_(host), accounts_(std::move(find)) {
  for (Agent& agent : settings.agents) {
    crews_.push_back(std::make_unique<Crew>(std::move(agent)));
  }
}

void Supervisor::Take(const usher::Snapshot& snapshot) {
  as_of_seq_ = snapshot.as_of_seq();
  std::set<std::string> affected;
  for (const auto& [key, session] : sessions_) affected.insert(key);
  sessions_.clear();
  std::set<std::string> present;
  for (const usher::Session session : snapshot.sessions()) {
    present.emplace(session.key());
    sessions_[std::string(session.key())] = Session(session);
  }
  memory_.KeepBegun(present);
  affected.merge(present);
  Reconsider(Now(host_), {affected.begin(), affected.end()});
  GoOn();
}

void Supervisor::Take(const usher::Event& event) {
  boot_id_ = event.boot_id();
  if (event.type() == EventType::kControlRequest) {
    TakeRequest(event);
  } else if (event.seq() > as_of_seq_ && IsTrue(event.origin())) {
    TakeSession(event);
  }
  GoOn();
}

void Supervisor::TakeSession(const usher::Event& event) {
  const bool gone = event.type() == EventType::kSessionDestroyed;
  const auto before = event.before();
  std::string key(event.session().key());
  if (key.empty() && before) key = before->key();
  if (key.empty()) return;
  std::vector<std::string> affected = Affected(key);
  if (gone || !event.session()) {
    sessions_.erase(key);
  } else {
    sessions_[key] = Session(event.session());
    for (std::string& other : Affected(key)) affected.push_back(std::move(other));
  }
  Reconsider(Now(host_), affected, event.type());
}

/// The session, and the logon screens at its seat, which somebody who is logged on there replaces.
std::vector<std::string> Supervisor::Affected(const std::string& session_key) const {
  std::vector<std::string> affected{session_key};
  const auto session = sessions_.find(session_key);
  if (session == sessions_.end() || session->second.seat.empty()) return affected;
  for (const auto& [key, other] : sessions_) {
    const bool is_screen = other.seat == session->second.seat && other.IsLogonScreen();
    if (is_screen && key != session_key) affected.push_back(key);
  }
  return affected;
}

void Supervisor::Reconsider(Moment now, const std::vector<std::string>& session_keys,
                            EventType type) {
  for (const auto& crew : crews_) {
    Places own;
    Places others;
    for (size_t i = 0; i < session_keys.size(); ++i) {
      Weigh(*crew, session_keys[i], i == 0 ? own : others);
    }
    for (const std::string& place : own) Man(*crew, place, now, type);
    for (const std::string& place : others) {
      if (own.count(place) == 0) Man(*crew, place, now, EventType::kUnknown);
    }
  }
}

/// Finds out what the agent is to the session, and which places that concerns.
void Supervisor::Weigh(Crew& crew, const std::string& session_key, Places& places) {
  const Stake* const old = crew.stakes.Find(session_key);
  if (old != nullptr) places.insert(old->place);
  const auto session = sessions_.find(session_key);
  std::string why;
  const Verdict verdict =
      session == sessions_.end() ? Verdict::kNever : VerdictOn(crew, session->second, why);
  const bool remembered = crew.agent.conditions.DependOnThePast();
  if (verdict == Verdict::kNever) {
    crew.stakes.Erase(session_key);
    if (remembered) memory_.SetBegun(crew.agent.name, session_key, false);
    return;
  }
  const bool before =
      old != nullptr ? old->wanted : remembered && memory_.HasBegun(crew.agent.name, session_key);
  const bool wanted = verdict == Verdict::kYes || (verdict == Verdict::kAsBefore && before);
  std::string place = PlaceOf(crew.agent, session->second);
  places.insert(place);
  crew.stakes.Set(session_key, {std::move(place), wanted, wanted ? "" : std::move(why)});
  if (remembered) memory_.SetBegun(crew.agent.name, session_key, wanted);
}

Verdict Supervisor::VerdictOn(const Crew& crew, const Session& session, std::string& why) {
  Judgement judgement = Judge(crew.agent, session, IsSeatTaken(session));
  why = std::move(judgement.why);
  if (judgement.verdict == Verdict::kNever) return Verdict::kNever;
  Match match = Matches(crew.agent.sessions, session, nullptr);
  if (match == Match::kUnknown) {
    match = Matches(crew.agent.sessions, session, accounts_.Of(session.user_id));
  }
  if (match == Match::kNo) return Verdict::kNever;
  if (match == Match::kYes) return judgement.verdict;
  why = "its user's name and groups are being looked up";
  return Verdict::kAsBefore;
}

/// Only a logon screen asks.
bool Supervisor::IsSeatTaken(const Session& session) const {
  if (!session.IsLogonScreen()) return false;
  return std::any_of(sessions_.begin(), sessions_.end(), [&session](const auto& entry) {
    const Session& other = entry.second;
    return other.key != session.key && other.seat == session.seat && other.IsInFront() &&
           other.IsLoggedOn();
  });
}

/// Has the place's post do what its sessions want.
void Supervisor::Man(Crew& crew, const std::string& place, Moment now, EventType type) {
  const auto found = crew.posts.find(place);
  const std::string current = found == crew.posts.end() ? "" : found->second->InSession().key;
  const Session* const session = BestOf(crew, place, current);
  if (session == nullptr) {
    if (found == crew.posts.end()) return;
    const Session last = found->second->InSession();
    found->second->Wants(now, {false, false, "", "its session is over"}, last, type);
    crew.left.insert(place);
    return;
  }
  const Stake& stake = *crew.stakes.Find(session->key);
  const bool is_new = found == crew.posts.end();
  Post& post = PostAt(crew, place);
  crew.left.erase(place);
  if (is_new && memory_.IsStopped(crew.agent.name, place, session->key)) post.Stop(now);
  post.Wants(now, {stake.wanted, session->active, TargetOf(crew.agent, *session), stake.why},
             *session, type);
}

/// The session of a place that its agent runs in: one that wants it, at best the one that it is in.
const Session* Supervisor::BestOf(const Crew& crew, const std::string& place,
                                  const std::string& current) const {
  const Session* best = nullptr;
  int best_rank = -1;
  for (const std::string& key : crew.stakes.In(place)) {
    const Session& session = sessions_.at(key);
    const bool wanted = crew.stakes.Find(key)->wanted;
    const int rank = (wanted ? 4 : 0) + (key == current ? 2 : 0) + (session.active ? 1 : 0);
    if (rank <= best_rank) continue;
    best = &session;
    best_rank = rank;
  }
  return best;
}

Post& Supervisor::PostAt(Crew& crew, const std::string& place) {
  std::unique_ptr<Post>& post = crew.posts[place];
  if (!post) post = std::make_unique<Post>(host_, crew.agent, random_, [this] { GoOn(); });
  return *post;
}

/// What `usherctl agents` was asked for. One that comes again was carried out already, unless the
/// broker was killed before.
void Supervisor::TakeRequest(const usher::Event& event) {
  const auto detail = [&event](const char* key) {
    return std::string(event.Find(key).value_or(""));
  };
  const std::string method = detail("method");
  const bool is_one = event.origin() == Origin::kBroker && detail("result") == "done" &&
                      method.starts_with("agents.");
  if (!is_one || (event.redelivered() && event.seq() <= memory_.Obeyed())) return;
  for (const auto& crew : crews_) {
    if (crew->agent.name != detail("name")) continue;
    Obey(*crew, method, detail("session"));
  }
  memory_.SetObeyed(event.seq());
}

/// Without a session it is about all of them, those to come included.
void Supervisor::Obey(Crew& crew, const std::string& method, const std::string& session_id) {
  const std::string& name = crew.agent.name;
  const bool stops = method == "agents.stop";
  const bool starts = method == "agents.start" || method == "agents.restart";
  Places places;
  for (const auto& [key, stake] : crew.stakes.All()) {
    if (session_id.empty() || sessions_.at(key).id == session_id) places.insert(stake.place);
  }
  if (session_id.empty()) {
    if (stops) memory_.Stop(name, boot_id_);
    if (starts) memory_.Start(name);
  }
  const Moment now = Now(host_);
  for (const std::string& place : places) {
    if (!session_id.empty() && stops) memory_.Stop(name, boot_id_, place);
    if (!session_id.empty() && starts) memory_.Start(name, place);
    Post& post = *crew.posts.at(place);
    if (stops) post.Stop(now);
    if (method == "agents.start") post.Start(now);
    if (method == "agents.restart") post.Restart(now);
    if (method == "agents.reset") post.Reset(now);
  }
}

/// What is due later has a timer of its own, even where that is late.
void Supervisor::Tick(Moment due) {
  const Moment now = Now(host_);
  for (const auto& crew : crews_) {
    for (const auto& [place, post] : crew->posts) {
      if (post->Due() && *post->Due() <= due) post->Tick(now);
    }
  }
  if (next_poll_ && *next_poll_ <= due) next_poll_.reset();
  GoOn();
}

/// What is to be done at the end of whatever happened.
void Supervisor::GoOn() {
  const Moment now = Now(host_);
  TakeAccounts(now);
  // What runs still may be of somebody who is being looked up.
  if (!settled_ && !accounts_.IsWaiting()) {
    host_.Launcher()->Settle();
    settled_ = true;
  }
  DropIdle();
  TellOfIdle();
  ArmTimers();
}

/// To look somebody up may bring answers about others.
void Supervisor::TakeAccounts(Moment now) {
  for (auto found = accounts_.TakeFound(); !found.empty(); found = accounts_.TakeFound()) {
    for (const auto& [key, session] : sessions_) {
      const bool is_found = std::find(found.begin(), found.end(), session.user_id) != found.end();
      if (is_found) Reconsider(now, {key});
    }
  }
}

/// Posts of places that are no more, once nobody is there.
void Supervisor::DropIdle() {
  for (const auto& crew : crews_) {
    std::erase_if(crew->left, [&crew](const std::string& place) {
      const auto post = crew->posts.find(place);
      if (post->second->HasOne()) return false;
      post->second->TellGone();
      crew->posts.erase(post);
      return true;
    });
  }
}

/// An agent that nobody has is shown without a session: it is known, and may be stopped before
/// somebody comes.
void Supervisor::TellOfIdle() {
  // Before the first event a session says which boot this is.
  const std::string& boot =
      boot_id_.empty() && !sessions_.empty() ? sessions_.begin()->first : boot_id_;
  for (const auto& crew : crews_) {
    const std::string& name = crew->agent.name;
    std::optional<AgentState> now;
    if (crew->posts.empty()) {
      now = memory_.IsStopped(name, "", boot) ? AgentState::kStopped : AgentState::kWaiting;
    }
    if (crew->idle == now) continue;
    crew->idle = now;
    usher::AgentStatus status;
    status.agent = name;
    status.state = now.value_or(AgentState::kGone);
    status.reason =
        now == AgentState::kStopped ? kStoppedByAdministrator : "no session is to have it";
    Describe(host_, status);
  }
}

void Supervisor::SetPoll(Moment now) {
  if (!accounts_.IsWaiting()) {
    next_poll_.reset();
    poll_wait_ = Moment(0);
  } else if (!next_poll_) {
    poll_wait_ = std::clamp(poll_wait_ * 2, kFirstPoll, kLongestPoll);
    next_poll_ = now + poll_wait_;
  }
}

/// Where there are too many, those that are due last are armed as others come to their end.
void Supervisor::ArmTimers() {
  const Moment now = Now(host_);
  SetPoll(now);
  const std::set<Moment> dues = Dues();
  std::erase_if(timers_, [&dues](const auto& timer) { return dues.count(timer.first) == 0; });
  for (const Moment due : dues) {
    if (timers_.count(due) != 0) continue;
    if (timers_.size() == kMostTimers) {
      const auto last = std::prev(timers_.end());
      if (last->first < due) return;
      timers_.erase(last);
    }
    timers_[due] = host_.Timers()->After(std::max(due - now, Moment(0)), [this, due] {
      const Moment moment = due;
      timers_.erase(moment);
      Tick(moment);
    });
  }
}

std::set<Moment> Supervisor::Dues() const {
  std::set<Moment> dues;
  if (next_poll_) dues.insert(*next_poll_);
  for (const auto& crew : crews_) {
    for (const auto& [place, post] : crew->posts) {
      if (post->Due()) dues.insert(*post->Due());
    }
  }
  return dues;
}

}  // namespace agents
