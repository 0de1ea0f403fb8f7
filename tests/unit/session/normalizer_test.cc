#include "session/normalizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "event/text.h"
#include "tests/unit/session/raw_reports.h"

namespace broker {
namespace {

using testing::About;
using testing::Alice;
using testing::AliceAtWork;
using ::testing::AllOf;
using testing::Desk;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using testing::Greeter;
using testing::In;
using testing::InBackground;
using ::testing::IsEmpty;
using testing::kBoot;
using testing::kNow;
using testing::Remote;
using testing::Removed;
using testing::Report;
using testing::Seat;
using testing::Seen;
using testing::Snapshot;
using testing::With;

TEST(ASessionThatIsNew, IsCreatedAndConnectedAndLogsOnLater) {
  Desk desk;
  EXPECT_THAT(desk.Take(Seen(In(Alice(), SessionState::kOpening))),
              ElementsAre("created 1", "connected 1 console"));
  EXPECT_THAT(desk.Take(Seen(Alice())), ElementsAre("logon 1"));
}

TEST(ASession, ThatIsSeenAgainYieldsNothing) {
  Desk desk;
  desk.Take(Seen(Alice()));
  EXPECT_THAT(desk.Take(Seen(Alice())), IsEmpty());
}

/// Alice's session as a source reports it that gives it this key.
Session WithKey(const std::string& key) {
  SessionFacts facts = Alice().Facts();
  facts.key = key;
  return Session(facts);
}

TEST(ASession, ThatHasItsKeyFromTheSourceSharesItsMemoryWithTheTable) {
  Desk desk;
  const Session reported = WithKey(MakeSessionKey(kBoot, "1", Alice().created_us));
  desk.Take(Seen(reported));
  EXPECT_TRUE(desk.table.Find("1")->Texts().Shares(reported.Texts()));
}

TEST(ASession, IsNotTakenWithAnotherKeyThanItsOwn) {
  Desk desk;
  desk.Take(Seen(WithKey("boot of somebody else-1-1")));
  EXPECT_EQ(desk.table.Find("1")->Key(), MakeSessionKey(kBoot, "1", Alice().created_us));
}

TEST(Events, SayWhoSaidItWhenAndWhichSession) {
  Desk desk;
  desk.Take(Seen(Alice()));
  ASSERT_EQ(desk.events.size(), 3U);
  EXPECT_THAT(desk.events,
              Each(AllOf(Field(&Event::origin, Origin::kOs), Field(&Event::source, "simulated"),
                         Field(&Event::time, kNow), Field(&Event::seq, 0U))));
  EXPECT_EQ(desk.events[0].before, nullptr);
  EXPECT_EQ(desk.events[1].before, desk.events[0].session);
  EXPECT_EQ(desk.events[2].before, desk.events[1].session);
  EXPECT_EQ(desk.events[2].session, desk.table.Find("1"));
  EXPECT_EQ(desk.events[0].session->Key(), MakeSessionKey(kBoot, "1", Alice().created_us));
}

TEST(ALogon, IsGivenItsTime) {
  Desk desk;
  desk.Take(Seen(Alice()));
  EXPECT_EQ(desk.table.Find("1")->logon_time_us, kNow.realtime_us);
}

TEST(ASessionFoundLoggedOn, LoggedOnWhenItWasCreated) {
  Desk desk;
  desk.Take(Snapshot({Alice()}));
  EXPECT_EQ(desk.table.Find("1")->logon_time_us,
            kNow.realtime_us - kNow.monotonic_us + Alice().created_us);
}

TEST(ASessionFoundWithACreationInTheFuture, LogsOnNow) {
  Desk desk;
  Session session = Alice();
  session.created_us = kNow.monotonic_us + 1;
  desk.Take(Snapshot({session}));
  EXPECT_EQ(desk.table.Find("1")->logon_time_us, kNow.realtime_us);
}

TEST(AClosingSession, LogsOffOnceAndEndsLater) {
  AliceAtWork desk;
  EXPECT_THAT(desk.Take(Seen(In(Alice(), SessionState::kClosing))), ElementsAre("logoff 1"));
  EXPECT_THAT(desk.Take(Removed("1")), ElementsAre("disconnected 1 console", "destroyed 1"));
}

TEST(ARemovedSession, LogsOffFirst) {
  AliceAtWork desk;
  EXPECT_THAT(desk.Take(Removed("1")),
              ElementsAre("logoff 1", "disconnected 1 console", "destroyed 1"));
  EXPECT_THAT(desk.events, Each(Field(&Event::origin, Origin::kOs)));
  EXPECT_EQ(desk.events[2].session, nullptr);
  EXPECT_EQ(desk.events[2].before, desk.events[1].session);
  EXPECT_EQ(desk.table.Size(), 0U);
}

TEST(ARemovedSession, LeavesTheSeatUntilTheSeatSaysSo) {
  AliceAtWork desk;
  desk.Take(Removed("1"));
  EXPECT_EQ(desk.table.Seats(), (SeatMap{{"seat0", "1"}}));
  EXPECT_THAT(desk.Take(Seat("")), ElementsAre("switched 1->"));
}

TEST(AnUnknownSession, IsRemovedAndRequestedWithoutAWord) {
  Desk desk;
  EXPECT_THAT(desk.Take(Removed("9")), IsEmpty());
  EXPECT_THAT(desk.Take(About(RawKind::kLockRequested, "9")), IsEmpty());
  EXPECT_THAT(desk.Take(About(RawKind::kUnlockRequested, "9")), IsEmpty());
}

TEST(ARemoteSession, ConnectsRemotelyAndNeverDisconnects) {
  Desk desk;
  EXPECT_THAT(desk.Take(Seen(Remote())), ElementsAre("created 2", "connected 2 remote", "logon 2"));
  EXPECT_THAT(desk.Take(Removed("2")), ElementsAre("logoff 2", "destroyed 2"));
}

TEST(AGreeter, NeitherLogsOnNorOff) {
  Desk desk;
  EXPECT_THAT(desk.Take(Seen(Greeter())), ElementsAre("created c1", "connected c1 console"));
  EXPECT_THAT(desk.Take(Seen(InBackground(Greeter()))), ElementsAre("disconnected c1 console"));
  EXPECT_THAT(desk.Take(Removed("c1")), ElementsAre("destroyed c1"));
}

TEST(ALockedHint, IsAnEdge) {
  AliceAtWork desk;
  EXPECT_THAT(desk.Take(Seen(With(Alice(), Locked::kYes))), ElementsAre("locked 1"));
  EXPECT_THAT(desk.Take(Seen(With(Alice(), Locked::kYes))), IsEmpty());
  EXPECT_THAT(desk.Take(Seen(Alice())), ElementsAre("unlocked 1"));
}

TEST(LockRequests, RepeatAndChangeNothing) {
  AliceAtWork desk;
  const SessionRef before = desk.table.Find("1");
  EXPECT_THAT(desk.Take(About(RawKind::kLockRequested, "1")), ElementsAre("lock_requested 1"));
  EXPECT_THAT(desk.Take(About(RawKind::kLockRequested, "1")), ElementsAre("lock_requested 1"));
  EXPECT_EQ(desk.events[0].before, nullptr);
  EXPECT_EQ(*desk.table.Find("1"), *before);
}

TEST(AnUnlockRequest, LeavesAKnownLockStateToTheHint) {
  AliceAtWork desk;
  desk.Take(Seen(With(Alice(), Locked::kYes)));
  EXPECT_THAT(desk.Take(About(RawKind::kUnlockRequested, "1")), ElementsAre("unlock_requested 1"));
  EXPECT_EQ(desk.table.Find("1")->locked, Locked::kYes);
}

TEST(AnUnknownLockState, ComesSilentlyWithASnapshot) {
  AliceAtWork desk;
  desk.Take(Seen(With(Alice(), Locked::kYes)));
  EXPECT_THAT(desk.Take(Snapshot({With(Alice(), Locked::kUnknown)}, {{"seat0", "1"}})), IsEmpty());
  EXPECT_EQ(desk.table.Find("1")->locked, Locked::kUnknown);
}

TEST(AnUnknownLockState, OfASingleReportLeavesWhatIsKnown) {
  AliceAtWork desk;
  desk.Take(Seen(With(Alice(), Locked::kYes)));
  EXPECT_THAT(desk.Take(Seen(With(Alice(), Locked::kUnknown))), IsEmpty());
  EXPECT_EQ(desk.table.Find("1")->locked, Locked::kYes);
}

TEST(AnUnknownLockState, EndsWithTheNextLock) {
  Desk desk;
  desk.Take(Snapshot({With(Alice(), Locked::kUnknown)}));
  EXPECT_THAT(desk.Take(Seen(Alice())), IsEmpty());
  EXPECT_EQ(desk.table.Find("1")->locked, Locked::kUnknown);
  EXPECT_THAT(desk.Take(Seen(With(Alice(), Locked::kYes))), ElementsAre("locked 1"));
  EXPECT_THAT(desk.Take(Seen(Alice())), ElementsAre("unlocked 1"));
}

TEST(AnUnknownLockState, EndsWithAnUnlockRequest) {
  Desk desk;
  desk.Take(Snapshot({With(Alice(), Locked::kUnknown)}));
  EXPECT_THAT(desk.Take(About(RawKind::kUnlockRequested, "1")),
              ElementsAre("unlock_requested 1", "unlocked 1"));
  EXPECT_EQ(desk.events[1].reason, "unlock requested");
  EXPECT_EQ(desk.events[1].before->locked, Locked::kUnknown);
  EXPECT_EQ(desk.table.Find("1")->locked, Locked::kNo);
}

TEST(ASwitchOfTheConsole, MovesTheTerminals) {
  AliceAtWork desk;
  Session bob = InBackground(Alice("2"));
  desk.Take(Seen(bob));
  EXPECT_THAT(desk.Take(Seat("2")),
              ElementsAre("disconnected 1 console", "connected 2 console", "switched 1->2"));
  EXPECT_EQ(desk.events[2].session, desk.table.Find("2"));
  EXPECT_EQ(*desk.events[2].Detail("seat"), "seat0");
  EXPECT_EQ(desk.table.Find("1")->state, SessionState::kOnline);
  EXPECT_EQ(desk.table.Find("2")->state, SessionState::kActive);
}

TEST(ASwitchOfTheConsole, ThatTheSessionsToldSaysOnlyWhatIsLeft) {
  AliceAtWork desk;
  desk.Take(Seen(InBackground(Alice("2"))));
  EXPECT_THAT(desk.Take(Seen(InBackground(Alice()))), ElementsAre("disconnected 1 console"));
  EXPECT_THAT(desk.Take(Seen(Alice("2"))), ElementsAre("connected 2 console"));
  EXPECT_THAT(desk.Take(Seat("2")), ElementsAre("switched 1->2"));
  EXPECT_THAT(desk.Take(Seat("2")), IsEmpty());
}

TEST(ASwitchToAnEmptyTerminal, LeavesTheSeatToNobody) {
  AliceAtWork desk;
  EXPECT_THAT(desk.Take(Seat("")), ElementsAre("disconnected 1 console", "switched 1->"));
  EXPECT_EQ(desk.events[1].session, nullptr);
}

TEST(ASwitchToASessionNotSeenYet, IsToldAtOnce) {
  AliceAtWork desk;
  EXPECT_THAT(desk.Take(Seat("7")), ElementsAre("disconnected 1 console", "switched 1->7"));
  EXPECT_THAT(desk.Take(Seen(Greeter("7"))), ElementsAre("created 7", "connected 7 console"));
}

TEST(ASwitch, TouchesOnlyItsOwnSeat) {
  AliceAtWork desk;
  SessionFacts other = Alice("2").Facts();
  other.seat = "seat1";
  desk.Take(Seen(other));
  desk.Take(Seen(Remote("3")));
  EXPECT_THAT(desk.Take(Seat("2", "seat1")), ElementsAre("switched ->2"));
  EXPECT_THAT(desk.Take(Seat("")), ElementsAre("disconnected 1 console", "switched 1->"));
}

TEST(AClosingSession, MayStillComeToTheFront) {
  AliceAtWork desk;
  desk.Take(Seen(In(InBackground(Alice()), SessionState::kClosing)));
  desk.Take(Seat(""));
  EXPECT_THAT(desk.Take(Seat("1")), ElementsAre("connected 1 console", "switched ->1"));
  EXPECT_EQ(desk.table.Find("1")->state, SessionState::kClosing);
}

TEST(AReusedId, EndsTheOldSession) {
  AliceAtWork desk;
  Session next = Greeter("1");
  next.created_us += 1000;
  EXPECT_THAT(desk.Take(Seen(next)),
              ElementsAre("logoff 1", "disconnected 1 console", "destroyed 1", "created 1",
                          "connected 1 console"));
  EXPECT_EQ(desk.events[2].origin, Origin::kReconciled);
  EXPECT_EQ(desk.events[2].reason, "id reused");
  EXPECT_EQ(desk.events[3].origin, Origin::kOs);
  EXPECT_EQ(desk.events[3].reason, "");
  EXPECT_EQ(desk.table.Find("1")->User(), "gdm");
}

TEST(AFactWithoutAnEvent, GoesToTheTable) {
  AliceAtWork desk;
  SessionFacts with_display = Alice().Facts();
  with_display.display = ":0";
  EXPECT_THAT(desk.Take(Seen(with_display)), IsEmpty());
  EXPECT_EQ(desk.table.Find("1")->Display(), ":0");
}

TEST(TheSystem, SleepsWakesAndGoesDown) {
  Desk desk;
  EXPECT_THAT(desk.Take(Report(RawKind::kSuspending)), ElementsAre("system.suspending"));
  EXPECT_THAT(desk.Take(Report(RawKind::kResumed)), ElementsAre("system.resumed"));
  RawEvent down = Report(RawKind::kShuttingDown);
  down.reason = "reboot";
  EXPECT_THAT(desk.Take(down), ElementsAre("system.shutting_down"));
  EXPECT_EQ(desk.events[0].reason, "reboot");
  EXPECT_THAT(desk.Take(Report(RawKind::kEnd)), IsEmpty());
}

TEST(ASessionThatIsStuck, EndsReconciled) {
  AliceAtWork desk;
  RawEvent raw = Report(RawKind::kSessionStuck);
  raw.session = SessionWithId("1");
  raw.reason = "stuck in closing";
  EXPECT_THAT(desk.Take(raw), ElementsAre("logoff 1", "disconnected 1 console", "destroyed 1"));
  EXPECT_EQ(desk.events.back().origin, Origin::kReconciled);
  EXPECT_EQ(desk.events.back().reason, "stuck in closing");
  EXPECT_THAT(desk.Take(raw), IsEmpty());
}

TEST(TheSystem, SaysHowLongItWaits) {
  Desk desk;
  for (const RawKind kind : {RawKind::kSuspending, RawKind::kShuttingDown}) {
    RawEvent raw = Report(kind);
    desk.Take(raw);
    EXPECT_TRUE(desk.events[0].details.empty()) << "not at all";
    raw.delay_us = 5'000'000;
    desk.Take(raw);
    EXPECT_EQ(desk.events[0].details, (Details{{"delay_us", "5000000"}}));
  }
}

TEST(Text, IsMadeValidAndBounded) {
  Desk desk;
  SessionFacts session = Alice("\xff").Facts();
  session.user = "al\xc3ice\n\"";
  session.remote_host = std::string(100000, 'x');
  RawEvent raw = Seen(session);
  raw.reason = "\xfe";
  desk.Take(raw);
  const SessionRef seen = desk.table.Find("\\xFF");
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->User(), "al\\xC3ice\n\"");
  EXPECT_LE(seen->RemoteHost().size(), kMaxTextBytes);
  EXPECT_TRUE(IsUtf8(seen->Key()));
  EXPECT_EQ(desk.events[0].reason, "\\xFE");
  EXPECT_THAT(desk.Take(Seat("\xff")), ElementsAre("switched ->\\xFF"));
  EXPECT_THAT(desk.Take(Removed("\xff")),
              ElementsAre("logoff \\xFF", "disconnected \\xFF console", "destroyed \\xFF"));
}

TEST(ALogon, HappenedWhenTheSourceSaysSo) {
  Desk desk;
  Session alice = Alice();
  alice.logon_time_us = 42;
  desk.Take(Seen(alice));
  EXPECT_EQ(desk.table.Find("1")->logon_time_us, 42);
  alice.logon_time_us = 43;
  desk.Take(Seen(alice));
  EXPECT_EQ(desk.table.Find("1")->logon_time_us, 42) << "it is not known any better later";
}

}  // namespace
}  // namespace broker
