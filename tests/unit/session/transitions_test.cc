#include "session/transitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/session/raw_reports.h"

namespace broker {
namespace {

using testing::Alice;
using ::testing::ElementsAre;
using testing::Greeter;
using testing::In;
using testing::InBackground;
using ::testing::IsEmpty;
using testing::Remote;
using testing::With;
using enum EventType;

Session LoggedOn(Session session) {
  session.logon_time_us = 1;
  return session;
}

Steps Change(const Session& before, const Session& facts) {
  const Session after = Settled(&before, facts);
  return StepsBetween(&before, &after);
}

Steps Appearance(const Session& facts) {
  const Session after = Settled(nullptr, facts);
  return StepsBetween(nullptr, &after);
}

Steps End(const Session& before) {
  return StepsBetween(&before, nullptr);
}

TEST(ASessionsPhase, FollowsItsState) {
  EXPECT_EQ(PhaseOf(nullptr), Phase::kAbsent);
  const auto phase = [](const Session& session) { return PhaseOf(&session); };
  EXPECT_EQ(phase(In(Alice(), SessionState::kOpening)), Phase::kPresent);
  EXPECT_EQ(phase(In(Alice(), SessionState::kOnline)), Phase::kLoggedOn);
  EXPECT_EQ(phase(In(Alice(), SessionState::kActive)), Phase::kLoggedOn);
  EXPECT_EQ(phase(LoggedOn(In(Alice(), SessionState::kClosing))), Phase::kLoggedOff);
}

TEST(ASessionThatNeverLoggedOn, IsOnlyPresentWhenItCloses) {
  const Session closing = In(Alice(), SessionState::kClosing);
  EXPECT_EQ(PhaseOf(&closing), Phase::kPresent);
}

TEST(ASessionOfNoUserClass, IsPresentInEveryState) {
  for (const auto* other : {"greeter", "background", "manager", "lock-screen"}) {
    for (const auto state :
         {SessionState::kOpening, SessionState::kActive, SessionState::kClosing}) {
      SessionFacts session = In(Alice(), state).Facts();
      session.session_class = other;
      const Session packed = session;
      EXPECT_EQ(PhaseOf(&packed), Phase::kPresent) << other;
    }
  }
}

TEST(AbsentSessions, CanOnlyBeCreated) {
  EXPECT_TRUE(IsLegal(Phase::kAbsent, kSessionCreated));
  for (const EventType type :
       {kSessionLogon, kSessionLogoff, kSessionDestroyed, kSessionConnected, kSessionDisconnected,
        kSessionLocked, kSessionUnlocked, kSessionLockRequested, kSessionUnlockRequested})
    EXPECT_FALSE(IsLegal(Phase::kAbsent, type)) << Name(type);
}

TEST(Logoff, IsLegalOnlyAfterLogonAndBeforeTheEnd) {
  EXPECT_FALSE(IsLegal(Phase::kPresent, kSessionLogoff));
  EXPECT_TRUE(IsLegal(Phase::kLoggedOn, kSessionLogoff));
  EXPECT_FALSE(IsLegal(Phase::kLoggedOff, kSessionLogoff));
  EXPECT_FALSE(IsLegal(Phase::kLoggedOn, kSessionDestroyed));
  EXPECT_TRUE(IsLegal(Phase::kLoggedOff, kSessionDestroyed));
}

TEST(Logon, IsLegalOnce) {
  EXPECT_TRUE(IsLegal(Phase::kPresent, kSessionLogon));
  EXPECT_FALSE(IsLegal(Phase::kLoggedOn, kSessionLogon));
  EXPECT_FALSE(IsLegal(Phase::kLoggedOff, kSessionLogon));
}

TEST(EventsOutsideASessionsLife, AreLegalInEveryPhase) {
  for (const Phase phase : {Phase::kAbsent, Phase::kPresent, Phase::kLoggedOn, Phase::kLoggedOff})
    for (const EventType type : {kConsoleSwitched, kSystemSuspending, kSourceLost, kBrokerStarted,
                                 kSessionUnknownChange, kUnknown})
      EXPECT_TRUE(IsLegal(phase, type)) << Name(type);
}

TEST(AnAppearance, FillsEveryGap) {
  EXPECT_THAT(Appearance(With(Alice(), Locked::kYes)),
              ElementsAre(kSessionCreated, kSessionConnected, kSessionLogon, kSessionLocked));
}

TEST(AnAppearance, StopsWhereTheSessionStands) {
  EXPECT_THAT(Appearance(In(Alice(), SessionState::kOpening)),
              ElementsAre(kSessionCreated, kSessionConnected));
  EXPECT_THAT(Appearance(InBackground(Alice())), ElementsAre(kSessionCreated, kSessionLogon));
  EXPECT_THAT(Appearance(In(InBackground(Alice()), SessionState::kOpening)),
              ElementsAre(kSessionCreated));
}

TEST(AnAppearance, OfAClosingSessionHasNoLogon) {
  EXPECT_THAT(Appearance(In(InBackground(Alice()), SessionState::kClosing)),
              ElementsAre(kSessionCreated));
}

TEST(AnAppearance, OfAGreeterHasNoLogon) {
  EXPECT_THAT(Appearance(Greeter()), ElementsAre(kSessionCreated, kSessionConnected));
}

TEST(AnAppearance, WithAnUnknownLockStateHasNoLockEdge) {
  EXPECT_THAT(Appearance(With(Remote(), Locked::kUnknown)),
              ElementsAre(kSessionCreated, kSessionConnected, kSessionLogon));
}

TEST(AnAppearance, OfALocalSessionWithoutASeatHasNoConnection) {
  SessionFacts session = Alice().Facts();
  session.seat.clear();
  EXPECT_THAT(Appearance(session), ElementsAre(kSessionCreated, kSessionLogon));
}

TEST(AChange, HasNoStepsWhereNothingHappened) {
  EXPECT_THAT(Change(Alice(), Alice()), IsEmpty());
  SessionFacts with_display = Alice().Facts();
  with_display.display = ":0";
  EXPECT_THAT(Change(Alice(), with_display), IsEmpty());
}

TEST(AChange, LogsOnWhenTheStateLeavesOpening) {
  const Session opening = In(Alice(), SessionState::kOpening);
  EXPECT_THAT(Change(opening, Alice()), ElementsAre(kSessionLogon));
}

TEST(AChange, StraightIntoClosingIsNoLogon) {
  const Session opening = In(Alice(), SessionState::kOpening);
  EXPECT_THAT(Change(opening, In(Alice(), SessionState::kClosing)), IsEmpty());
}

TEST(AChange, KeepsItsOrder) {
  const Session before = LoggedOn(Alice());
  SessionFacts after = With(In(Alice(), SessionState::kClosing), Locked::kYes).Facts();
  after.seat = "seat1";
  EXPECT_THAT(Change(before, after),
              ElementsAre(kSessionLocked, kSessionDisconnected, kSessionLogoff, kSessionConnected));
}

TEST(AChange, PutsTheLockEdgeBehindTheLogonItCameWith) {
  const Session opening = In(InBackground(Alice()), SessionState::kOpening);
  EXPECT_THAT(Change(opening, With(Alice(), Locked::kYes)),
              ElementsAre(kSessionConnected, kSessionLogon, kSessionLocked));
}

TEST(AChange, FromConsoleToRemoteGoesThroughNone) {
  Session remote = LoggedOn(Alice());
  remote.remote = true;
  EXPECT_THAT(Change(LoggedOn(Alice()), remote),
              ElementsAre(kSessionDisconnected, kSessionConnected));
}

TEST(AClosingSession, StaysConnectedWhileItIsActive) {
  EXPECT_THAT(Change(LoggedOn(Alice()), In(Alice(), SessionState::kClosing)),
              ElementsAre(kSessionLogoff));
  EXPECT_THAT(Change(LoggedOn(In(Alice(), SessionState::kClosing)),
                     In(InBackground(Alice()), SessionState::kClosing)),
              ElementsAre(kSessionDisconnected));
}

TEST(ALockEdge, IsWhatIsKnownToHaveChanged) {
  const Session no = LoggedOn(Alice());
  const Session yes = With(no, Locked::kYes);
  const Session unknown = With(no, Locked::kUnknown);
  EXPECT_THAT(Change(no, yes), ElementsAre(kSessionLocked));
  EXPECT_THAT(Change(yes, no), ElementsAre(kSessionUnlocked));
  EXPECT_THAT(Change(yes, unknown), IsEmpty());
  EXPECT_THAT(Change(no, unknown), IsEmpty());
  EXPECT_THAT(Change(unknown, yes), ElementsAre(kSessionLocked));
}

TEST(AnUnknownLockState, IsNotEndedByAMereNo) {
  const Session unknown = With(LoggedOn(Alice()), Locked::kUnknown);
  EXPECT_THAT(Change(unknown, Alice()), IsEmpty());
  EXPECT_EQ(Settled(&unknown, Alice()).locked, Locked::kUnknown);
}

TEST(AnEnd, LogsOffAndLeavesTheConsole) {
  EXPECT_THAT(End(LoggedOn(Alice())),
              ElementsAre(kSessionLogoff, kSessionDisconnected, kSessionDestroyed));
  EXPECT_THAT(End(LoggedOn(In(Alice(), SessionState::kClosing))),
              ElementsAre(kSessionDisconnected, kSessionDestroyed));
  EXPECT_THAT(End(LoggedOn(InBackground(Alice()))), ElementsAre(kSessionLogoff, kSessionDestroyed));
}

TEST(AnEnd, ImpliesNoRemoteDisconnect) {
  EXPECT_THAT(End(LoggedOn(Remote())), ElementsAre(kSessionLogoff, kSessionDestroyed));
}

TEST(AnEnd, OfAGreeterOrOfOneThatNeverLoggedOnHasNoLogoff) {
  EXPECT_THAT(End(Greeter()), ElementsAre(kSessionDisconnected, kSessionDestroyed));
  EXPECT_THAT(End(In(InBackground(Alice()), SessionState::kOpening)),
              ElementsAre(kSessionDestroyed));
}

TEST(NoSession, HasNoEnd) {
  EXPECT_THAT(StepsBetween(nullptr, nullptr), IsEmpty());
}

TEST(SettledFacts, NeverGoBackInLife) {
  const Session on = LoggedOn(Alice());
  EXPECT_EQ(Settled(&on, In(Alice(), SessionState::kOpening)).state, SessionState::kActive);
  const Session closing = LoggedOn(In(Alice(), SessionState::kClosing));
  EXPECT_EQ(Settled(&closing, Alice()).state, SessionState::kClosing);
}

TEST(SettledFacts, AreActiveExactlyInTheForeground) {
  EXPECT_EQ(Settled(nullptr, In(Alice(), SessionState::kOnline)).state, SessionState::kActive);
  EXPECT_EQ(Settled(nullptr, In(InBackground(Alice()), SessionState::kActive)).state,
            SessionState::kOnline);
}

TEST(SettledFacts, KeepTheLogonTimeAndTheKindOfClass) {
  Session before = Alice();
  before.logon_time_us = 4711;
  EXPECT_EQ(Settled(&before, Greeter("1")).Class(), "user");
  EXPECT_EQ(Settled(&before, Alice()).logon_time_us, 4711);
  SessionFacts early = Alice().Facts();
  early.session_class = "user-early";
  EXPECT_EQ(Settled(&before, early).Class(), "user-early");
}

TEST(AnAppearingSession, IsShownStepByStep) {
  const Session facts = With(Alice(), Locked::kYes);
  const SessionRef created = AfterStep(kSessionCreated, nullptr, facts, 5);
  EXPECT_FALSE(created->active);
  EXPECT_EQ(created->state, SessionState::kOpening);
  EXPECT_EQ(created->locked, Locked::kNo);
  EXPECT_EQ(created->logon_time_us, 0);
  EXPECT_EQ(created->User(), "alice");

  const SessionRef connected = AfterStep(kSessionConnected, created.get(), facts, 5);
  EXPECT_TRUE(connected->active);
  EXPECT_EQ(connected->state, SessionState::kOpening);

  const SessionRef logged_on = AfterStep(kSessionLogon, connected.get(), facts, 5);
  EXPECT_EQ(logged_on->state, SessionState::kActive);
  EXPECT_EQ(logged_on->logon_time_us, 5);
  EXPECT_EQ(logged_on->locked, Locked::kNo);

  Session last = facts;
  last.logon_time_us = 5;
  EXPECT_EQ(*AfterStep(kSessionLocked, logged_on.get(), facts, 9), last);
}

TEST(TheLastStep, IsTheFactsThemselves) {
  Session facts = In(InBackground(Alice()), SessionState::kClosing);
  EXPECT_EQ(*AfterStep(kSessionCreated, nullptr, facts, 5), facts);
}

TEST(ADisconnectedSession, IsOnlineUntilItIsConnectedAgain) {
  const Session before = LoggedOn(Alice());
  SessionFacts after = before.Facts();
  after.seat = "seat1";
  const SessionRef between = AfterStep(kSessionDisconnected, &before, after, 5);
  EXPECT_FALSE(between->active);
  EXPECT_EQ(between->state, SessionState::kOnline);
  EXPECT_EQ(between->Seat(), "seat0");
  EXPECT_EQ(*AfterStep(kSessionConnected, between.get(), after, 5), Session(after));
}

TEST(ALogonAtTheBeginningOfTime, IsStillALogon) {
  EXPECT_NE(AfterStep(kSessionLogon, nullptr, Alice(), 0)->logon_time_us, 0);
}

TEST(ADestroyedSession, IsNone) {
  const Session before = Alice();
  EXPECT_EQ(AfterStep(kSessionDestroyed, &before, before, 5), nullptr);
}

}  // namespace
}  // namespace broker
