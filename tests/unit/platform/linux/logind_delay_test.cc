// How the machine is kept waiting before it sleeps or shuts down.
#include <gtest/gtest.h>

#include "tests/unit/platform/linux/logind_source_fixture.h"

namespace broker::testing {
namespace {

using TheDelayOfALogindSource = LogindSourceFixture;

TEST_F(TheDelayOfALogindSource, HasTheMachineWaitUntilEveryoneIsDone) {
  logind_.AnswerInhibit({}, 3'000'000);
  Start();
  EXPECT_TRUE(logind_.Inhibited());
  logind_.Say(LogindSays::kSuspending);
  ASSERT_TRUE(Saw(RawKind::kSuspending, 1));
  const RawEvent raw = Reports(RawKind::kSuspending)[0];
  EXPECT_EQ(raw.delay_us, 3'000'000);
  EXPECT_TRUE(logind_.Inhibited());
  source_.EndDelay(raw.time.monotonic_us);
  EXPECT_TRUE(Eventually([this] { return !logind_.Inhibited(); }));
}

TEST_F(TheDelayOfALogindSource, HasTheMachineWaitAgainAfterItWokeUp) {
  Start();
  logind_.Say(LogindSays::kShuttingDown);
  ASSERT_TRUE(Saw(RawKind::kShuttingDown, 1));
  source_.EndDelay(Reports(RawKind::kShuttingDown)[0].time.monotonic_us);
  ASSERT_TRUE(Eventually([this] { return !logind_.Inhibited(); }));
  logind_.Say(LogindSays::kStaysUp);
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  EXPECT_TRUE(logind_.Inhibited());
  EXPECT_EQ(Reports(RawKind::kResumed).at(0).reason, "shutdown called off");
}

TEST_F(TheDelayOfALogindSource, DoesNotTakeWhoIsLateForWhoIsDoneWithTheNextSleep) {
  Start();
  logind_.Say(LogindSays::kSuspending);
  ASSERT_TRUE(Saw(RawKind::kSuspending, 1));
  logind_.Say({{LogindSays::kResumed, "", "", {}}, {LogindSays::kSuspending, "", "", {}}});
  ASSERT_TRUE(Saw(RawKind::kSuspending, 2));
  source_.EndDelay(Reports(RawKind::kSuspending)[0].time.monotonic_us);
  Settle();
  EXPECT_TRUE(logind_.Inhibited());
}

TEST_F(TheDelayOfALogindSource, GoesOnWithoutAnInhibitorAndSaysSoOnce) {
  logind_.AnswerInhibit({StatusCode::kPermission, "Access denied"}, 0);
  Start();
  logind_.Say({{LogindSays::kSuspending, "", "", {}}, {LogindSays::kResumed, "", "", {}}});
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  EXPECT_EQ(Reports(RawKind::kSuspending).at(0).delay_us, 0);
  ASSERT_EQ(said_.Lines().size(), 1U);
  EXPECT_NE(said_.Lines()[0].find("Access denied"), std::string::npos) << said_.Lines()[0];
}

TEST_F(TheDelayOfALogindSource, HoldsOneInhibitorForEachLink) {
  Start();
  logind_.BreakBus();
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  EXPECT_EQ(logind_.Inhibitors(), 2U);
  EXPECT_TRUE(logind_.Inhibited());
}

TEST_F(TheDelayOfALogindSource, KeepsTheMachineWaitingThoughItsLinkBreaks) {
  Start();
  logind_.Say(LogindSays::kSuspending);
  ASSERT_TRUE(Saw(RawKind::kSuspending, 1));
  logind_.AnswerInhibit({StatusCode::kPermission, "an operation is in progress"}, 0);
  logind_.BreakBus();
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  EXPECT_TRUE(logind_.Inhibited());
  source_.EndDelay(Reports(RawKind::kSuspending)[0].time.monotonic_us);
  EXPECT_TRUE(Eventually([this] { return !logind_.Inhibited(); }));
}

TEST_F(TheDelayOfALogindSource, TakesAnInhibitorOfALogindThatRestarted) {
  Start();
  logind_.Say(LogindSays::kGone);
  ASSERT_TRUE(Saw(RawKind::kLost, 1));
  logind_.AnswerInhibit({}, 1'000'000);
  logind_.Say({{LogindSays::kBack, "", "", {}}, {LogindSays::kSuspending, "", "", {}}});
  ASSERT_TRUE(Saw(RawKind::kSuspending, 1));
  EXPECT_EQ(Reports(RawKind::kSuspending)[0].delay_us, 1'000'000);
}

TEST_F(TheDelayOfALogindSource, LetsTheMachineGoWhenItStops) {
  Start();
  source_.Stop();
  EXPECT_FALSE(logind_.Inhibited());
}

}  // namespace
}  // namespace broker::testing
