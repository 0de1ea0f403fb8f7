// Random walks of a machine beside a model of it that was written for clarity alone.
#include <gtest/gtest.h>

#include "machine.h"

namespace {

using agents::Action;
using agents::Machine;
using agents::Moment;
using agents::News;
using agents::Restart;
using agents::Rules;
using std::chrono::seconds;
using usher::EventType;
using usher::LaunchChange;
using usher::Remedy;

constexpr Moment kNever = Moment::max();

/// An agent as README.md tells of it. Times are absolute; what is not going to happen is at kNever.
struct Model {
  explicit Model(const Rules& its_rules) : rules(its_rules) {}

  const Rules& rules;

  // What is wanted.
  bool wanted = false;
  bool stopped_by_admin = false;
  bool connected = false;
  std::string target;
  Moment disconnected_at = kNever;

  // What there is.
  bool alive = false;
  bool up = false;
  bool asked_to_stop = false;
  bool restart_asked = false;
  std::string alive_for;
  Moment alive_since{0};
  std::set<EventType> since_launch;

  // Why there is none: it may not try before this; kNever: not by itself.
  Moment not_before{0};
  EventType unless = EventType::kUnknown;
  bool waits_for_judgement = false;
  bool waits_for_logoff = false;
  bool gave_up = false;
  bool shows_gave_up = false;
  News verdict;
  Moment died{0};
  std::vector<Moment> deaths;
  int failures = 0;

  void Free() {
    not_before = Moment(0);
    unless = EventType::kUnknown;
    waits_for_judgement = waits_for_logoff = false;
    shows_gave_up = false;
  }
  void Block(Moment until, EventType unless_this = EventType::kUnknown) {
    Free();
    not_before = until;
    unless = unless_this;
  }

  Action Decide(Moment now) {
    const bool should = wanted && !stopped_by_admin;
    if (alive && asked_to_stop) return Action::kNone;
    if (alive && (!should || restart_asked || alive_for != target)) {
      asked_to_stop = true;
      return Action::kStop;
    }
    if (alive) return Action::kNone;
    if (!should) Free();
    if (!should || not_before != Moment(0)) return Action::kNone;
    alive = true;
    up = asked_to_stop = restart_asked = false;
    alive_for = target;
    alive_since = now;
    since_launch.clear();
    return Action::kLaunch;
  }

  void CountDeath(Moment now, bool young) {
    deaths.push_back(now);
    int64_t recent = 0;
    for (const Moment death : deaths) recent += death > now - rules.window ? 1 : 0;
    if (young) ++failures;
    if (recent >= rules.limit) gave_up = true;
    if (gave_up) {
      Block(now + rules.probe);
      shows_gave_up = true;
    } else if (young) {
      Moment delay = rules.initial;
      for (int i = 1; i < failures && delay < rules.max; ++i) delay *= 2;
      Block(now + std::min(delay, rules.max));
    }
  }

  void Judge(Moment now) {
    switch (verdict.change) {
      case LaunchChange::kStarted:
        return;
      case LaunchChange::kFailed:
        return Help(now);
      default:
        break;
    }
    const bool young = died - alive_since < rules.healthy_after;
    if (!young) {
      failures = 0;
      gave_up = false;
    }
    const bool exited = verdict.change == LaunchChange::kExited;
    const bool last = rules.restart == Restart::kNever ||
                      (exited && rules.restart == Restart::kOnFailure && verdict.code == 0) ||
                      (exited && rules.final_codes.count(verdict.code) != 0);
    if (last) return Block(kNever);
    if (!young || verdict.change == LaunchChange::kStopped) return CountDeath(now, young);
    Help(now);
    if (verdict.remedy != Remedy::kRetry || connected || gave_up) return;
    const bool missed = since_launch.count(EventType::kSessionConnected) != 0;
    missed ? Block(now + rules.initial) : Block(now + rules.probe, EventType::kSessionConnected);
  }

  /// What did not come up, or hardly, has its remedy.
  void Help(Moment now) {
    if (verdict.remedy == Remedy::kRetry) CountDeath(now, true);
    if (verdict.remedy == Remedy::kDrop) Block(now + rules.probe);
    if (verdict.remedy == Remedy::kFix) {
      Block(now + rules.probe);
      shows_gave_up = true;
    }
    if (verdict.remedy == Remedy::kDefer) {
      const bool missed = since_launch.count(verdict.until) != 0;
      missed ? Block(now + rules.initial) : Block(now + rules.probe, verdict.until);
    }
  }

  Action Told(Moment now, const News& news) {
    if (!alive) return Action::kNone;
    if (news.change == LaunchChange::kStarted) {
      up = !asked_to_stop;
      alive_since = now;
      return Decide(now);
    }
    alive = up = false;
    if (asked_to_stop) return Decide(now);
    verdict = news;
    died = now;
    if (news.change == LaunchChange::kStopped) {
      Block(died + seconds(3));
      waits_for_logoff = true;
    } else if (news.change != LaunchChange::kFailed && !connected && disconnected_at != kNever &&
               now - disconnected_at < seconds(3)) {
      Block(disconnected_at + seconds(3));
      waits_for_judgement = true;
    } else {
      Judge(now);
    }
    return Decide(now);
  }

  Action Wants(Moment now, bool want, bool is_connected, const std::string& whom) {
    if (connected && !is_connected) disconnected_at = now;
    if (is_connected) disconnected_at = kNever;
    if ((is_connected && waits_for_judgement) || whom != target) Free();
    wanted = want;
    connected = is_connected;
    target = whom;
    return Decide(now);
  }

  Action Happened(Moment now, EventType type) {
    if (alive) since_launch.insert(type);
    const bool came_to_a_lost_one = shows_gave_up && not_before != kNever;
    if (unless == type && unless != EventType::kUnknown) Free();
    if (came_to_a_lost_one && type == EventType::kSessionConnected) Free();
    return Decide(now);
  }

  Action Tick(Moment now) {
    if (not_before != kNever && not_before != Moment(0) && not_before <= now) {
      const bool judge = waits_for_judgement || waits_for_logoff;
      Free();
      if (judge) Judge(now);
    }
    return Decide(now);
  }

  Action Admin(Moment now, int what) {
    if (what == 0) stopped_by_admin = true;
    if (what == 1 || what == 2) stopped_by_admin = false;
    if (what == 2) restart_asked = alive && !asked_to_stop;
    if (what == 3) {
      failures = 0;
      deaths.clear();
      gave_up = false;
    }
    if (what != 0) Free();
    return Decide(now);
  }
};

class AWalk {
 public:
  explicit AWalk(uint32_t seed) : dice_(seed) {
    rules_.jitter = 0;
    rules_.restart = static_cast<Restart>(Roll(3));
    rules_.limit = 1 + static_cast<int64_t>(Roll(5));
    rules_.initial = seconds(Roll(3));
    rules_.max = seconds(8);
    rules_.healthy_after = seconds(Roll(12));
    rules_.window = seconds(5 + Roll(60));
    rules_.probe = seconds(20);
    rules_.final_codes = {2};
  }

  /// One step of both, and what they say to it.
  void Step() {
    now_ += std::chrono::milliseconds(Roll(4) == 0 ? 0 : Roll(3000));
    const uint32_t kind = Roll(10);
    if (kind < 3) return Same("want", Wants());
    if (kind < 7) return Same("news", Told());
    if (kind == 7) return Same("event", Happened());
    if (kind == 8) return Same("admin", Admin());
    Same("tick", {machine_.Tick(now_), model_.Tick(now_)});
  }

 private:
  using Both = std::pair<Action, Action>;

  uint32_t Roll(uint32_t sides) { return static_cast<uint32_t>(dice_() % sides); }

  Both Wants() {
    const bool wanted = Roll(4) != 0;
    const bool connected = Roll(3) != 0;
    const std::string target = Roll(8) == 0 ? "berta" : "anna";
    return {machine_.Wants(now_, {wanted, connected, target, ""}),
            model_.Wants(now_, wanted, connected, target)};
  }
  Both Told() {
    News news;
    news.change = static_cast<LaunchChange>(Roll(2) == 0 ? 0 : Roll(6));
    news.code = static_cast<int32_t>(Roll(4));
    news.remedy = static_cast<Remedy>(Roll(4));
    news.until = Roll(2) == 0 ? EventType::kSessionLogon : EventType::kSessionConnected;
    return {machine_.Told(now_, news), model_.Told(now_, news)};
  }
  Both Happened() {
    const auto type = Roll(2) == 0 ? EventType::kSessionLogon : EventType::kSessionConnected;
    return {machine_.Wants(now_, {model_.wanted, model_.connected, model_.target, ""}, type),
            model_.Happened(now_, type)};
  }
  Both Admin() {
    const auto what = static_cast<int>(Roll(4));
    Action (Machine::*const calls[])(Moment) = {&Machine::Stop, &Machine::Start, &Machine::Restart,
                                                &Machine::Reset};
    return {(machine_.*calls[what])(now_), model_.Admin(now_, what)};
  }

  void Same(const char* what, Both said) const {
    ASSERT_EQ(said.first, said.second) << "after " << what << " at " << now_.count();
    ASSERT_EQ(machine_.HasOne(), model_.alive) << "after " << what;
    const bool waits = !model_.alive && model_.wanted && !model_.stopped_by_admin;
    const bool timed = model_.not_before != kNever && model_.not_before != Moment(0);
    ASSERT_EQ(machine_.Due(), waits && timed ? std::optional(model_.not_before) : std::nullopt)
        << "after " << what << " at " << now_.count();
    const bool running = machine_.Describe().state == usher::AgentState::kRunning;
    ASSERT_EQ(running, model_.alive && model_.up && !model_.asked_to_stop) << "after " << what;
    const bool gave_up = machine_.Describe().state == usher::AgentState::kGaveUp;
    ASSERT_EQ(gave_up, waits && model_.shows_gave_up) << "after " << what;
  }

  std::minstd_rand dice_;
  Rules rules_;
  Machine::Random random_{1};
  Machine machine_{rules_, random_};
  Model model_{rules_};
  Moment now_ = seconds(1);
};

TEST(AMachinesWalk, GoesWhereItsModelGoes) {
  for (uint32_t seed = 1; seed <= 10'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    AWalk walk(seed);
    for (int step = 0; step < 120; ++step) {
      walk.Step();
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
