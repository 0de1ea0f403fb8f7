// The state machine of one agent in one place: what is wanted, what there is, and the time.
#include "machine_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using agents::Action;
using agents::News;
using agents::Restart;
using agents::testing::AMachine;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using usher::AgentState;
using usher::EventType;
using usher::LaunchChange;
using usher::Remedy;

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

TEST_F(AMachine, WaitsForTheEndOfItsSessionWhenSomebodyElseHasStoppedIt) {
  Wants(true);
  Started();
  EXPECT_EQ(Ended(LaunchChange::kStopped), Action::kNone);
  EXPECT_EQ(Delay(), seconds(3));
  EXPECT_EQ(State(), AgentState::kWaiting) << "nothing to be told of yet";
  EXPECT_THAT(Reason(), HasSubstr("not by this broker"));
  EXPECT_EQ(Wants(true), Action::kNone) << "whatever else happens to its session";
  EXPECT_EQ(Wants(false), Action::kNone);
  EXPECT_EQ(Delay(), std::nullopt);
}

TEST_F(AMachine, LaunchesAgainWhatSomebodyElseHasStopped) {
  Wants(true);
  Started();
  now_ += minutes(1);
  Ended(LaunchChange::kStopped);
  EXPECT_EQ(Wait(seconds(2)), Action::kNone);
  EXPECT_EQ(Wait(seconds(1)), Action::kLaunch);
}

TEST_F(AMachine, BacksOffWhereSomebodyElseStopsWhatHasHardlyComeUp) {
  Wants(true);
  Started();
  Ended(LaunchChange::kStopped);
  EXPECT_EQ(Wait(seconds(3)), Action::kNone);
  EXPECT_EQ(State(), AgentState::kBackingOff);
  EXPECT_THAT(Reason(), HasSubstr("not by this broker"));
  EXPECT_EQ(Wait(seconds(1)), Action::kLaunch);
}

TEST_F(AMachine, ForgetsItsFailuresWhenItWasWellBeforeSomebodyElseStoppedIt) {
  rules_.limit = 2;
  rules_.window = minutes(1);
  Wants(true);
  RunsFor(seconds(1));
  Wait(minutes(1));
  RunsFor(seconds(1));
  EXPECT_EQ(State(), AgentState::kGaveUp);
  EXPECT_EQ(Wait(rules_.probe), Action::kLaunch);
  Started();
  now_ += minutes(5);
  Ended(LaunchChange::kStopped);
  EXPECT_EQ(Wait(seconds(3)), Action::kLaunch);
  RunsFor(seconds(1));
  EXPECT_EQ(State(), AgentState::kGaveUp) << "two within a minute";
}

TEST_F(AMachine, CountsNoEndOfASessionAmongItsFailures) {
  rules_.limit = 2;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Wants(true), Action::kLaunch);
    Started();
    Ended(LaunchChange::kStopped);
    Wait(seconds(1));
    Wants(false);
  }
  EXPECT_EQ(Wants(true), Action::kLaunch);
  RunsFor(seconds(1));
  EXPECT_EQ(State(), AgentState::kBackingOff);
  EXPECT_EQ(Delay(), seconds(1)) << "the first failure";
}

TEST_F(AMachine, GivesUpOnWhatSomebodyElseStopsAgainAndAgain) {
  rules_.limit = 2;
  Wants(true);
  for (int i = 0; i < 2; ++i) {
    Started();
    Ended(LaunchChange::kStopped);
    Wait(seconds(3));
    if (i == 0) {
      EXPECT_EQ(Wait(minutes(1)), Action::kLaunch);
    }
  }
  EXPECT_EQ(State(), AgentState::kGaveUp);
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
  bool again = Ended(GetParam().change, GetParam().code) == Action::kLaunch;
  if (GetParam().change == LaunchChange::kStopped) again = Wait(seconds(3)) == Action::kLaunch;
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
                      End{Restart::kAlways, LaunchChange::kStopped, 0, true},
                      End{Restart::kOnFailure, LaunchChange::kExited, 0, false},
                      End{Restart::kOnFailure, LaunchChange::kExited, 1, true},
                      End{Restart::kOnFailure, LaunchChange::kExited, 3, false},
                      End{Restart::kOnFailure, LaunchChange::kSignaled, 9, true},
                      End{Restart::kOnFailure, LaunchChange::kLost, 0, true},
                      End{Restart::kOnFailure, LaunchChange::kStopped, 0, true},
                      End{Restart::kNever, LaunchChange::kExited, 0, false},
                      End{Restart::kNever, LaunchChange::kExited, 1, false},
                      End{Restart::kNever, LaunchChange::kSignaled, 9, false},
                      End{Restart::kNever, LaunchChange::kLost, 0, false},
                      End{Restart::kNever, LaunchChange::kStopped, 0, false}));

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

TEST_F(AMachine, StartsWhatHasEndedForGoodWhenTheAdministratorAsksForIt) {
  rules_.restart = Restart::kNever;
  Wants(true);
  RunsFor(seconds(60));
  EXPECT_EQ(State(), AgentState::kStopped);
  EXPECT_EQ(machine_.Start(now_), Action::kLaunch);
  RunsFor(seconds(60));
  EXPECT_EQ(State(), AgentState::kStopped);
  EXPECT_EQ(machine_.Reset(now_), Action::kLaunch);
}

TEST_F(AMachine, IsNotMovedByNewsOfNobody) {
  EXPECT_EQ(Ended(), Action::kNone);
  EXPECT_EQ(Started(), Action::kNone);
  EXPECT_EQ(State(), AgentState::kWaiting);
}

}  // namespace
