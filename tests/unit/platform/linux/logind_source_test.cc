#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/platform/linux/logind_source_fixture.h"

namespace broker::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

using TheLogindSource = LogindSourceFixture;

TEST_F(TheLogindSource, BeginsWithWhatThereIs) {
  logind_.Put("1", FakeLogind::Facts("alice"));
  Start();
  const RawEvent first = sink_.All().at(0);
  EXPECT_EQ(first.reason, "start");
  ASSERT_EQ(first.sessions.size(), 1U);
  EXPECT_EQ(first.sessions[0].User(), "alice");
  EXPECT_EQ(first.seats.at("seat0"), "1");
  EXPECT_GT(first.time.monotonic_us, 0);
}

TEST_F(TheLogindSource, ReadsANewSessionAndRemembersItForItsRemoval) {
  Start();
  logind_.Put("2", FakeLogind::Facts("bob"));
  logind_.Say(LogindSays::kSessionNew, "2");
  ASSERT_TRUE(Saw(RawKind::kSession, 1));
  EXPECT_EQ(Reports(RawKind::kSession)[0].session.User(), "bob");
  logind_.Remove("2");
  logind_.Say(LogindSays::kSessionRemoved, "2");
  ASSERT_TRUE(Saw(RawKind::kSessionRemoved, 1));
}

TEST_F(TheLogindSource, PassesOverASessionThatIsGoneBeforeItCouldBeRead) {
  Start();
  logind_.Say(
      {{LogindSays::kSessionNew, "2", "2", {}}, {LogindSays::kSessionRemoved, "2", "2", {}}});
  Settle();
  EXPECT_TRUE(Reports(RawKind::kSession).empty());
  EXPECT_TRUE(Reports(RawKind::kSessionRemoved).empty());
  EXPECT_TRUE(Reports(RawKind::kLost).empty());
}

TEST_F(TheLogindSource, SeesStatesThatNoSignalTells) {
  PropertyMap facts = FakeLogind::Facts("alice");
  facts["State"] = std::string("opening");
  logind_.Put("1", facts);
  Start();
  logind_.PutState("1", SessionState::kActive);
  ASSERT_TRUE(Saw(RawKind::kSession, 1));
  logind_.PutState("1", SessionState::kClosing);
  ASSERT_TRUE(Saw(RawKind::kSession, 2));
  EXPECT_EQ(Reports(RawKind::kSession)[0].session.state, SessionState::kActive);
  EXPECT_EQ(Reports(RawKind::kSession)[1].session.state, SessionState::kClosing);
}

TEST_F(TheLogindSource, TakesASnapshotWhenLogindIsBack) {
  logind_.Put("1", FakeLogind::Facts("alice"));
  Start();
  logind_.Say(LogindSays::kGone);
  ASSERT_TRUE(Saw(RawKind::kLost, 1));
  logind_.Remove("1");
  logind_.Put("2", FakeLogind::Facts("bob"));
  logind_.Say(LogindSays::kBack);
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  const RawEvent snapshot = Reports(RawKind::kSnapshot)[1];
  EXPECT_EQ(snapshot.reason, "logind restarted");
  ASSERT_EQ(snapshot.sessions.size(), 1U);
  EXPECT_EQ(snapshot.sessions[0].User(), "bob");
  EXPECT_EQ(logind_.Connections(), 1U);
  ASSERT_EQ(said_.Lines().size(), 2U);
  EXPECT_NE(said_.Lines()[0].find("logind left the bus"), std::string::npos);
  EXPECT_EQ(said_.Lines()[1], "logind is back");
}

TEST_F(TheLogindSource, DoubtsWhatALogindThatRestartedHasForgotten) {
  logind_.Put("1", FakeLogind::Facts("alice", true));
  Start();
  logind_.Put("1", FakeLogind::Facts("alice", false));
  logind_.Say({{LogindSays::kGone, "", "", {}}, {LogindSays::kBack, "", "", {}}});
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  EXPECT_EQ(Reports(RawKind::kSnapshot)[1].sessions.at(0).locked, Locked::kUnknown);
}

TEST_F(TheLogindSource, SaysNothingOfSessionsWhileLogindIsAway) {
  logind_.Put("1", FakeLogind::Facts("alice"));
  Start();
  logind_.Say({{LogindSays::kGone, "", "", {}},
               {LogindSays::kSessionChanged, "1", "1", {{"Active", false}}},
               {LogindSays::kSessionRemoved, "1", "1", {}}});
  ASSERT_TRUE(Saw(RawKind::kLost, 1));
  logind_.Say(LogindSays::kBack);
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  const auto all = sink_.All();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].kind, RawKind::kLost);
}

TEST_F(TheLogindSource, IsContentWithItsSnapshotWhenItsOwnCallStartedLogind) {
  Start();
  logind_.Say(LogindSays::kBack);
  Settle();
  EXPECT_EQ(Reports(RawKind::kSnapshot).size(), 1U);
  EXPECT_TRUE(Reports(RawKind::kLost).empty());
}

TEST_F(TheLogindSource, ConnectsAgainWhenTheBusBreaks) {
  logind_.Put("1", FakeLogind::Facts("alice", true));
  Start();
  logind_.Put("1", FakeLogind::Facts("alice", false));
  logind_.BreakBus();
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  EXPECT_EQ(Reports(RawKind::kLost).size(), 1U);
  const RawEvent snapshot = Reports(RawKind::kSnapshot)[1];
  EXPECT_EQ(snapshot.reason, "bus reconnected");
  EXPECT_EQ(snapshot.sessions.at(0).locked, Locked::kUnknown) << "logind goes down with its bus";
  logind_.Put("2", FakeLogind::Facts("bob"));
  logind_.Say(LogindSays::kSessionNew, "2");
  ASSERT_TRUE(Saw(RawKind::kSession, 1));
}

TEST_F(TheLogindSource, ReportsWhatCameBeforeTheBusBroke) {
  logind_.Put("1", FakeLogind::Facts("alice"));
  Start();
  logind_.RefuseConnections(true);
  logind_.Say({{LogindSays::kSessionRemoved, "1", "1", {}}});
  logind_.BreakBus();
  ASSERT_TRUE(Saw(RawKind::kLost, 1));
  EXPECT_EQ(Reports(RawKind::kSessionRemoved).size(), 1U);
}

TEST_F(TheLogindSource, TriesAgainWithAGrowingDelayAndSaysSoOnce) {
  logind_.RefuseConnections(true);
  const auto begin = steady_clock::now();
  ASSERT_TRUE(source_.Start(sink_).ok());
  ASSERT_TRUE(Eventually([this] { return logind_.Connections() >= 4; }));
  EXPECT_GE(steady_clock::now() - begin, milliseconds(50 + 100 + 200));
  EXPECT_EQ(sink_.All().size(), 1U);
  EXPECT_EQ(Reports(RawKind::kLost).size(), 1U);
  ASSERT_EQ(said_.Lines().size(), 1U);
  for (const char* const choice : {"systemctl start systemd-logind", "elogind", "simulated"}) {
    EXPECT_NE(said_.Lines()[0].find(choice), std::string::npos) << said_.Lines()[0];
  }
}

TEST_F(TheLogindSource, SaysThatLogindTellsOfNoRemoteDisconnect) {
  EXPECT_FALSE(source_.Capabilities().remote_disconnect);
  EXPECT_TRUE(source_.Capabilities().lock_state);
  EXPECT_TRUE(source_.Capabilities().real);
}

TEST_F(TheLogindSource, BeginsOnceLogindCanBeReached) {
  logind_.RefuseConnections(true);
  ASSERT_TRUE(source_.Start(sink_).ok());
  ASSERT_TRUE(Saw(RawKind::kLost, 1));
  logind_.RefuseConnections(false);
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 1));
  EXPECT_EQ(Reports(RawKind::kSnapshot)[0].reason, "start");
}

TEST_F(TheLogindSource, TriesAgainWhenLogindDoesNotAnswer) {
  logind_.FailCalls({StatusCode::kUnavailable, "no answer"});
  ASSERT_TRUE(source_.Start(sink_).ok());
  ASSERT_TRUE(Saw(RawKind::kLost, 1));
  EXPECT_EQ(Reports(RawKind::kLost)[0].reason, "no answer");
  logind_.FailCalls({});
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 1));
}

TEST_F(TheLogindSource, StartsOverWhenASessionCannotBeRead) {
  Start();
  logind_.FailCalls({StatusCode::kUnavailable, "no answer"});
  logind_.Say(LogindSays::kSessionNew, "2");
  ASSERT_TRUE(Saw(RawKind::kLost, 1));
  logind_.Put("2", FakeLogind::Facts("bob"));
  logind_.FailCalls({});
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  EXPECT_EQ(Reports(RawKind::kSnapshot)[1].sessions.size(), 1U);
}

TEST_F(TheLogindSource, TakesASnapshotAfterTheMachineSlept) {
  Start();
  logind_.Say(LogindSays::kSuspending);
  ASSERT_TRUE(Saw(RawKind::kSuspending, 1));
  logind_.Say(LogindSays::kResumed);
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  const auto all = sink_.All();
  EXPECT_EQ(all.at(all.size() - 2).kind, RawKind::kResumed);
  EXPECT_EQ(all.back().reason, "resumed");
}

TEST_F(TheLogindSource, ReadsANewSeat) {
  Start();
  logind_.Say(LogindSays::kSeatNew, "seat1");
  ASSERT_TRUE(Saw(RawKind::kSeat, 1));
  EXPECT_EQ(Reports(RawKind::kSeat)[0].seats, (SeatMap{{"seat1", "1"}}));
}

TEST_F(TheLogindSource, LooksWhatStillRunsInASessionThatIsClosing) {
  PutClosing("1");
  Remember("1", 1000);
  Start();
  EXPECT_TRUE(Eventually([this] { return logind_.ScopeLooks() > 0; }))
      << "half a minute is the reaper's own test";
}

TEST_F(TheLogindSource, DoesNotTellOfAStuckSessionThatIsNews) {
  PutClosing("1");
  logind_.EmptyScope("1");
  Remember("1", 999);  // An earlier one that had the same id.
  Start();
  EXPECT_TRUE(sink_.All().at(0).sessions.empty());
  logind_.Say(LogindSays::kSessionOutdated, "1");
  logind_.PutState("1", SessionState::kClosing);
  Settle();
  source_.RequestSnapshot();
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  EXPECT_TRUE(Reports(RawKind::kSnapshot)[1].sessions.empty());
  logind_.Say(LogindSays::kSessionRemoved, "1");
  Settle();
  EXPECT_TRUE(Reports(RawKind::kSession).empty());
  EXPECT_TRUE(Reports(RawKind::kSessionRemoved).empty());
  logind_.Put("1", FakeLogind::Facts("bob"));
  logind_.Say(LogindSays::kSessionNew, "1");
  EXPECT_TRUE(Saw(RawKind::kSession, 1)) << "the id is another's now";
}

TEST_F(TheLogindSource, TellsOfClosingSessionsThatWereKnownOrInWhichSomethingRuns) {
  PutClosing("1");
  logind_.EmptyScope("1");
  Remember("1", 1000);
  PutClosing("2");
  Start();
  EXPECT_EQ(sink_.All().at(0).sessions.size(), 2U);
}

TEST_F(TheLogindSource, TakesASnapshotOnRequest) {
  Start();
  source_.RequestSnapshot();
  ASSERT_TRUE(Saw(RawKind::kSnapshot, 2));
  EXPECT_EQ(Reports(RawKind::kSnapshot)[1].reason, "on request");
}

TEST_F(TheLogindSource, StopsInTimeAndInSilenceEvenIfTheBusHangs) {
  Start();
  std::unique_lock hang(logind_.CallGate());
  const size_t calls = logind_.Calls();
  logind_.Put("2", FakeLogind::Facts("bob"));
  logind_.Say(LogindSays::kSessionNew, "2");
  ASSERT_TRUE(Eventually([&] { return logind_.Calls() > calls; })) << "it hangs in a call";
  const auto begin = steady_clock::now();
  source_.Stop();
  EXPECT_LT(steady_clock::now() - begin, milliseconds(1000));
  const size_t said = sink_.All().size();
  hang.unlock();
  ASSERT_TRUE(Eventually([this] { return logind_.Links() == 0; }));
  EXPECT_EQ(sink_.All().size(), said);
}

TEST_F(TheLogindSource, StopsWhileItWaitsForItsNextTry) {
  logind_.RefuseConnections(true);
  ASSERT_TRUE(source_.Start(sink_).ok());
  ASSERT_TRUE(Eventually([this] { return logind_.Connections() >= 4; }));
  const auto begin = steady_clock::now();
  source_.Stop();
  EXPECT_LT(steady_clock::now() - begin, milliseconds(300));
}

}  // namespace
}  // namespace broker::testing
