// The state machine of one agent in one place: what is wanted, what there is, and the time.
#include "machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using agents::Action;
using agents::Machine;
using agents::Moment;
using agents::News;
using agents::Restart;
using agents::Rules;
using agents::Want;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using usher::AgentState;
using usher::EventType;
using usher::LaunchChange;
using usher::Remedy;

class AMachine : public ::testing::Test {
 protected:
  AMachine() { rules_.jitter = 0; }

  Action Wants(bool wanted, bool connected = true, const std::string& target = "anna") {
    want_ = {wanted, connected, target, wanted ? "" : "it waits for a logon"};
    return machine_.Wants(now_, want_);
  }
  Action Happened(EventType type) { return machine_.Wants(now_, want_, type); }
  Action Started(int64_t pid = 7) {
    News news;
    news.pid = pid;
    return machine_.Told(now_, news);
  }
  Action Ended(LaunchChange change = LaunchChange::kExited, int32_t code = 1) {
    News news;
    news.change = change;
    news.code = code;
    news.meaning = "it exited with code " + std::to_string(code);
    return machine_.Told(now_, news);
  }
  Action Failed(Remedy remedy, EventType until = EventType::kUnknown) {
    News news;
    news.change = LaunchChange::kFailed;
    news.meaning = "no way";
    news.advice = "find one";
    news.remedy = remedy;
    news.until = until;
    return machine_.Told(now_, news);
  }
  /// Lets time pass, at most until something is to be done; what that is.
  Action Wait(Moment time) {
    const auto due = machine_.Due();
    if (!due || *due > now_ + time) {
      now_ += time;
      return machine_.Tick(now_);
    }
    now_ = std::max(now_, *due);
    return machine_.Tick(now_);
  }
  /// From the last end to the next try; nothing: there is none.
  [[nodiscard]] std::optional<Moment> Delay() const {
    if (!machine_.Due()) return std::nullopt;
    return *machine_.Due() - now_;
  }
  /// It is launched, runs for `time`, and exits with code 1.
  Action RunsFor(Moment time) {
    EXPECT_EQ(State(), AgentState::kLaunching);
    Started();
    now_ += time;
    return Ended();
  }
  [[nodiscard]] AgentState State() const { return machine_.Describe().state; }
  [[nodiscard]] std::string Reason() const { return machine_.Describe().reason; }

  Moment now_ = minutes(1);
  Want want_;
  Rules rules_;
  Machine::Random random_{1};
  Machine machine_{rules_, random_};
};

TEST_F(AMachine, LaunchesWhatIsWanted) {
  EXPECT_EQ(Wants(false), Action::kNone);
  EXPECT_EQ(State(), AgentState::kWaiting);
  EXPECT_EQ(Reason(), "it waits for a logon");
  EXPECT_EQ(Wants(true), Action::kLaunch);
  EXPECT_EQ(State(), AgentState::kLaunching);
  EXPECT_EQ(Wants(true), Action::kNone);
  EXPECT_EQ(Started(), Action::kNone);
  EXPECT_EQ(State(), AgentState::kRunning);
  EXPECT_EQ(machine_.Describe().pid, 7);
  EXPECT_EQ(machine_.Describe().restarts, 0U);
  EXPECT_EQ(Delay(), std::nullopt) << "nothing to wait for";
}

TEST_F(AMachine, StopsWhatIsNotWantedAnyMore) {
  Wants(true);
  Started();
  EXPECT_EQ(Wants(false), Action::kStop);
  EXPECT_EQ(State(), AgentState::kStopping);
  EXPECT_EQ(Wants(false), Action::kNone) << "once is enough";
  EXPECT_EQ(Ended(LaunchChange::kStopped), Action::kNone);
  EXPECT_EQ(State(), AgentState::kWaiting);
}

TEST_F(AMachine, StopsWhatIsStillOnItsWayUp) {
  Wants(true);
  EXPECT_EQ(Wants(false), Action::kStop) << "logged off while launching";
  EXPECT_EQ(Started(), Action::kNone) << "the news crossed";
  EXPECT_EQ(State(), AgentState::kStopping);
  EXPECT_EQ(Failed(Remedy::kRetry), Action::kNone);
  EXPECT_EQ(State(), AgentState::kWaiting);
  EXPECT_EQ(Delay(), std::nullopt);
}

TEST_F(AMachine, NeverLaunchesASecondOneBesideTheFirst) {
  Wants(true);
  Started();
  Wants(false);
  EXPECT_EQ(Wants(true), Action::kNone) << "the first one is not gone yet";
  EXPECT_EQ(Ended(LaunchChange::kStopped), Action::kLaunch);
}

TEST_F(AMachine, ReplacesTheOneOfAnother) {
  Wants(true, true, "logon screen");
  Started();
  EXPECT_EQ(Wants(true, true, "anna"), Action::kStop);
  EXPECT_EQ(Ended(LaunchChange::kStopped), Action::kLaunch);
  EXPECT_EQ(machine_.Target(), "anna");
}

TEST_F(AMachine, LaunchesAgainAtOnceWhoWasWell) {
  Wants(true);
  EXPECT_EQ(RunsFor(seconds(10)), Action::kLaunch);
  EXPECT_EQ(machine_.Describe().restarts, 1U);
  EXPECT_EQ(machine_.Describe().last_exit, "it exited with code 1");
}

TEST_F(AMachine, WaitsLongerEachTimeForWhoDiesSoon) {
  rules_.max = seconds(5);
  rules_.factor = 2;
  Wants(true);
  for (const int64_t wait : {1, 2, 4, 5, 5}) {
    EXPECT_EQ(RunsFor(seconds(9)), Action::kNone);
    EXPECT_EQ(State(), AgentState::kBackingOff);
    EXPECT_EQ(Delay(), seconds(wait));
    EXPECT_EQ(Wait(seconds(wait) - milliseconds(1)), Action::kNone);
    EXPECT_EQ(Wait(milliseconds(1)), Action::kLaunch);
  }
  EXPECT_EQ(RunsFor(seconds(11)), Action::kLaunch);
  EXPECT_EQ(RunsFor(seconds(1)), Action::kNone);
  EXPECT_EQ(Delay(), seconds(1)) << "it was well meanwhile";
}

TEST_F(AMachine, WaitsALittleMoreOrLess) {
  rules_.jitter = 0.5;
  rules_.limit = 1000;
  rules_.initial = seconds(4);
  rules_.factor = 1;
  Wants(true);
  Moment least = seconds(99);
  Moment most = seconds(0);
  for (int i = 0; i < 200; ++i) {
    RunsFor(seconds(1));
    least = std::min(least, *Delay());
    most = std::max(most, *Delay());
    EXPECT_EQ(Wait(seconds(99)), Action::kLaunch);
  }
  EXPECT_GE(least, seconds(2));
  EXPECT_LT(least, seconds(3));
  EXPECT_GT(most, seconds(5));
  EXPECT_LE(most, seconds(6));
}

TEST_F(AMachine, MayBeToldToTryAtOnceEachTime) {
  rules_.initial = seconds(0);
  rules_.factor = 10;
  rules_.limit = 1000;
  Wants(true);
  for (int i = 0; i < 900; ++i) {
    ASSERT_EQ(RunsFor(seconds(0)), Action::kNone);
    ASSERT_EQ(Delay(), seconds(0));
    ASSERT_EQ(Wait(seconds(0)), Action::kLaunch);
  }
}

TEST_F(AMachine, GivesUpAndTriesSeldom) {
  rules_.limit = 3;
  rules_.probe = minutes(5);
  Wants(true);
  for (int i = 0; i < 2; ++i) {
    RunsFor(seconds(1));
    EXPECT_EQ(State(), AgentState::kBackingOff);
    EXPECT_EQ(Wait(minutes(1)), Action::kLaunch);
  }
  RunsFor(seconds(1));
  EXPECT_EQ(State(), AgentState::kGaveUp);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Delay(), minutes(5)) << "never the end";
    EXPECT_EQ(Wait(minutes(5)), Action::kLaunch);
    EXPECT_EQ(RunsFor(seconds(1)), Action::kNone);
    EXPECT_EQ(State(), AgentState::kGaveUp);
  }
  Wait(minutes(5));
  EXPECT_EQ(RunsFor(minutes(20)), Action::kLaunch) << "well again";
  RunsFor(seconds(1));
  EXPECT_EQ(State(), AgentState::kBackingOff);
}

TEST_F(AMachine, GivesUpOnlyForWhatIsWithinTheWindow) {
  rules_.limit = 3;
  rules_.window = minutes(10);
  Wants(true);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(RunsFor(minutes(6)), Action::kLaunch) << i;
  }
}

TEST_F(AMachine, GivesUpAlsoOnWhoDiesAgainAndAgainAfterAWhile) {
  rules_.limit = 3;
  Wants(true);
  EXPECT_EQ(RunsFor(seconds(12)), Action::kLaunch);
  EXPECT_EQ(RunsFor(seconds(12)), Action::kLaunch);
  EXPECT_EQ(RunsFor(seconds(12)), Action::kNone);
  EXPECT_EQ(State(), AgentState::kGaveUp);
}

TEST_F(AMachine, TriesAgainWhatCouldNotBeLaunched) {
  Wants(true);
  EXPECT_EQ(Failed(Remedy::kRetry), Action::kNone);
  EXPECT_EQ(State(), AgentState::kBackingOff);
  EXPECT_EQ(Reason(), "no way; find one");
  EXPECT_EQ(Delay(), seconds(1));
  EXPECT_EQ(Wait(seconds(1)), Action::kLaunch);
  Failed(Remedy::kRetry);
  EXPECT_EQ(Delay(), seconds(2));
}

TEST_F(AMachine, TriesAgainWhatCouldNotBeLaunchedEvenIfItIsNeverStartedTwice) {
  rules_.restart = Restart::kNever;
  Wants(true);
  Failed(Remedy::kRetry);
  EXPECT_EQ(Wait(seconds(1)), Action::kLaunch);
}

TEST_F(AMachine, DefersUntilTheEventThatIsWaitedFor) {
  Wants(true);
  EXPECT_EQ(Failed(Remedy::kDefer, EventType::kSessionLogon), Action::kNone);
  EXPECT_EQ(State(), AgentState::kWaiting) << "nothing is wrong";
  EXPECT_EQ(Happened(EventType::kSessionLocked), Action::kNone);
  EXPECT_EQ(Happened(EventType::kSessionLogon), Action::kLaunch);
}

TEST_F(AMachine, TriesAgainSoonWhenWhatIsWaitedForHasHappenedMeanwhile) {
  Wants(true);
  EXPECT_EQ(Happened(EventType::kSessionLogon), Action::kNone);
  EXPECT_EQ(Failed(Remedy::kDefer, EventType::kSessionLogon), Action::kNone);
  EXPECT_EQ(Delay(), seconds(1));
}

TEST_F(AMachine, TriesSeldomWhenTheEventNeverComes) {
  Wants(true);
  Failed(Remedy::kDefer, EventType::kSessionLogon);
  EXPECT_EQ(Delay(), rules_.probe);
}

TEST_F(AMachine, TriesSeldomWhatOnlySomebodyCanFix) {
  Wants(true);
  EXPECT_EQ(Failed(Remedy::kFix), Action::kNone);
  EXPECT_EQ(State(), AgentState::kGaveUp);
  EXPECT_EQ(Reason(), "no way; find one");
  EXPECT_EQ(Delay(), rules_.probe);
  EXPECT_EQ(machine_.Reset(now_), Action::kLaunch);
}

TEST_F(AMachine, DoesWhatHelpsWhoHasHardlyComeUp) {
  News library_missing;
  library_missing.change = LaunchChange::kExited;
  library_missing.code = 127;
  library_missing.meaning = "a library is missing";
  library_missing.advice = "see ldd";
  library_missing.remedy = Remedy::kFix;
  Wants(true);
  Started();
  EXPECT_EQ(machine_.Told(now_, library_missing), Action::kNone);
  EXPECT_EQ(State(), AgentState::kGaveUp);
  EXPECT_EQ(Reason(), "a library is missing; see ldd");
  EXPECT_EQ(Delay(), rules_.probe);
  EXPECT_EQ(machine_.Reset(now_), Action::kLaunch);
  Started();
  now_ += rules_.healthy_after;
  EXPECT_EQ(machine_.Told(now_, library_missing), Action::kLaunch) << "it was well";
}

TEST_F(AMachine, SaysNothingOfASessionThatIsGone) {
  Wants(true);
  EXPECT_EQ(Failed(Remedy::kDrop), Action::kNone);
  EXPECT_EQ(State(), AgentState::kWaiting);
  EXPECT_EQ(Wants(false), Action::kNone);
  EXPECT_EQ(Delay(), std::nullopt);
}

TEST_F(AMachine, TakesAnEndThatTheSystemAskedForAsTheEndOfItsSession) {
  Wants(true);
  Started();
  EXPECT_EQ(Ended(LaunchChange::kStopped), Action::kNone);
  EXPECT_EQ(State(), AgentState::kWaiting);
  EXPECT_EQ(Delay(), rules_.probe);
}

TEST_F(AMachine, TriesAtOnceWhatIsWantedAnew) {
  rules_.limit = 1;
  Wants(true);
  RunsFor(seconds(1));
  EXPECT_EQ(State(), AgentState::kGaveUp);
  EXPECT_EQ(Wants(false), Action::kNone);
  EXPECT_EQ(Wants(true), Action::kLaunch);
  RunsFor(seconds(1));
  EXPECT_EQ(State(), AgentState::kGaveUp) << "what was is not forgotten";
}

TEST_F(AMachine, TriesAtOnceWhatIsWantedForAnotherOne) {
  rules_.restart = Restart::kOnFailure;
  Wants(true);
  Started();
  now_ += minutes(1);
  EXPECT_EQ(Ended(LaunchChange::kExited, 0), Action::kNone);
  EXPECT_EQ(State(), AgentState::kStopped);
  EXPECT_EQ(Wants(true, true, "berta"), Action::kLaunch);
  Failed(Remedy::kFix);
  EXPECT_EQ(Wants(true, true, "berta"), Action::kNone);
  EXPECT_EQ(Wants(true, true, "carla"), Action::kLaunch);
}

struct End {
  Restart restart;
  LaunchChange change;
  int32_t code;
  bool again;
};

class AnEnd : public AMachine, public ::testing::WithParamInterface<End> {};

TEST_P(AnEnd, IsFollowedByAnotherStartOrNot) {
  rules_.restart = GetParam().restart;
  rules_.final_codes = {3};
  Wants(true);
  Started();
  now_ += minutes(1);
  const bool again = Ended(GetParam().change, GetParam().code) == Action::kLaunch;
  EXPECT_EQ(again, GetParam().again);
  if (again) return;
  EXPECT_EQ(State(), AgentState::kStopped);
  EXPECT_EQ(Delay(), std::nullopt);
  Wants(false);
  EXPECT_EQ(Wants(true), Action::kLaunch) << "the next logon is another matter";
}

INSTANTIATE_TEST_SUITE_P(
    OfEveryKind, AnEnd,
    ::testing::Values(End{Restart::kAlways, LaunchChange::kExited, 0, true},
                      End{Restart::kAlways, LaunchChange::kExited, 1, true},
                      End{Restart::kAlways, LaunchChange::kExited, 3, false},
                      End{Restart::kAlways, LaunchChange::kSignaled, 3, true},
                      End{Restart::kAlways, LaunchChange::kLost, 0, true},
                      End{Restart::kOnFailure, LaunchChange::kExited, 0, false},
                      End{Restart::kOnFailure, LaunchChange::kExited, 1, true},
                      End{Restart::kOnFailure, LaunchChange::kExited, 3, false},
                      End{Restart::kOnFailure, LaunchChange::kSignaled, 9, true},
                      End{Restart::kOnFailure, LaunchChange::kLost, 0, true},
                      End{Restart::kNever, LaunchChange::kExited, 0, false},
                      End{Restart::kNever, LaunchChange::kExited, 1, false},
                      End{Restart::kNever, LaunchChange::kSignaled, 9, false},
                      End{Restart::kNever, LaunchChange::kLost, 0, false}));

TEST_F(AMachine, WaitsWithItsJudgementWhenTheSessionWasJustDisconnected) {
  Wants(true);
  Started();
  now_ += minutes(1);
  Wants(true, false);
  now_ += seconds(1);
  EXPECT_EQ(Ended(), Action::kNone);
  EXPECT_EQ(State(), AgentState::kWaiting);
  EXPECT_EQ(Delay(), seconds(2));
  EXPECT_EQ(Wants(true, true), Action::kLaunch) << "that was all there was to it";
  EXPECT_EQ(RunsFor(seconds(1)), Action::kNone);
  EXPECT_EQ(Delay(), seconds(1)) << "the first failure";
}

TEST_F(AMachine, JudgesAnEndWhenTheSessionStaysDisconnected) {
  Wants(true);
  Started();
  now_ += minutes(1);
  Wants(true, false);
  Ended();
  EXPECT_EQ(Wait(seconds(3)), Action::kLaunch) << "it was well before";
  EXPECT_EQ(RunsFor(seconds(1)), Action::kNone) << "judged at once, now";
  EXPECT_EQ(State(), AgentState::kWaiting);
  EXPECT_EQ(Delay(), rules_.probe);
  Wants(true, true);
  EXPECT_EQ(Happened(EventType::kSessionConnected), Action::kLaunch)
      << "who cannot start while nobody is connected waits for that";
}

TEST_F(AMachine, ForgetsAnEndThatAnEndOfTheWishFollows) {
  Wants(true);
  Started();
  Wants(true, false);
  Ended();
  EXPECT_EQ(Wants(false, false), Action::kNone);
  EXPECT_EQ(Delay(), std::nullopt);
  EXPECT_EQ(State(), AgentState::kWaiting);
}

TEST_F(AMachine, TriesAgainWhenSomebodyConnectsThoughItGaveUp) {
  rules_.limit = 1;
  Wants(true);
  Failed(Remedy::kRetry);
  EXPECT_EQ(State(), AgentState::kGaveUp);
  EXPECT_EQ(Happened(EventType::kSessionConnected), Action::kLaunch);
}

TEST_F(AMachine, CountsTheTimeThatAnAdoptedOneHasRun) {
  Wants(true);
  News news;
  news.adopted = true;
  news.duration = minutes(5);
  machine_.Told(now_, news);
  EXPECT_EQ(State(), AgentState::kRunning);
  EXPECT_EQ(Ended(), Action::kLaunch) << "it was well";
}

TEST_F(AMachine, StaysStoppedUntilTheAdministratorStartsIt) {
  Wants(true);
  Started();
  EXPECT_EQ(machine_.Stop(now_), Action::kStop);
  Ended(LaunchChange::kStopped);
  EXPECT_EQ(State(), AgentState::kStopped);
  EXPECT_EQ(Wants(false), Action::kNone);
  EXPECT_EQ(Wants(true), Action::kNone);
  EXPECT_EQ(Reason(), "an administrator has stopped it");
  EXPECT_EQ(machine_.Start(now_), Action::kLaunch);
}

TEST_F(AMachine, IsRestartedByTheAdministrator) {
  Wants(true);
  Started();
  EXPECT_EQ(machine_.Restart(now_), Action::kStop);
  EXPECT_EQ(Ended(LaunchChange::kStopped), Action::kLaunch);
  EXPECT_EQ(Started(), Action::kNone) << "once only";
  machine_.Stop(now_);
  Ended(LaunchChange::kStopped);
  EXPECT_EQ(machine_.Restart(now_), Action::kLaunch) << "also one that was stopped";
  EXPECT_EQ(machine_.Restart(now_), Action::kStop);
  EXPECT_EQ(Wants(false), Action::kNone);
  EXPECT_EQ(Ended(LaunchChange::kStopped), Action::kNone);
}

TEST_F(AMachine, ForgetsItsFailuresWhenTheAdministratorSaysSo) {
  rules_.limit = 2;
  Wants(true);
  RunsFor(seconds(1));
  Wait(seconds(1));
  RunsFor(seconds(1));
  EXPECT_EQ(State(), AgentState::kGaveUp);
  EXPECT_EQ(machine_.Reset(now_), Action::kLaunch);
  RunsFor(seconds(1));
  EXPECT_EQ(State(), AgentState::kBackingOff);
  EXPECT_EQ(Delay(), seconds(1));
}

TEST_F(AMachine, IsNotMovedByNewsOfNobody) {
  EXPECT_EQ(Ended(), Action::kNone);
  EXPECT_EQ(Started(), Action::kNone);
  EXPECT_EQ(State(), AgentState::kWaiting);
}

}  // namespace
