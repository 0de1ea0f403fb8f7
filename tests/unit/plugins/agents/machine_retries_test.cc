// How the state machine of an agent tries again: at once, later, seldom, or when something happens.
#include "machine_fixture.h"

#include <gmock/gmock.h>

namespace {

using agents::Action;
using agents::Moment;
using agents::News;
using agents::Restart;
using agents::testing::AMachine;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using usher::AgentState;
using usher::EventType;
using usher::LaunchChange;
using usher::Remedy;

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
  EXPECT_EQ(Reason(), "no way; it waits for session.logon");
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

}  // namespace
