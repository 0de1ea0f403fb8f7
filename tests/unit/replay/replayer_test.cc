#include "replay/replayer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/normalizer.h"
#include "tests/unit/replay/recorded_log.h"

namespace broker {
namespace {

using testing::Alice;
using testing::At;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using testing::kFirstBoot;
using testing::Recorded;
using testing::Shared;

constexpr auto kOpening = SessionState::kOpening;
constexpr auto kActive = SessionState::kActive;

const SourceCapabilities kRecorded{.recorded = true};

/// A replay, and the normalizer behind it.
struct AReplay : ::testing::Test {
  /// What the replay of `events` comes to.
  std::vector<std::string_view> Play(const std::vector<Event>& events) {
    const size_t before = played.size();
    for (const Event& event : events) {
      StoredEvent stored;
      stored.event = event;
      stored.boot_id = kFirstBoot;
      replayer.GoTo(stored);
      std::vector<RawEvent> reports;
      replayer.Replay(event, reports);
      for (const RawEvent& report : reports) normalizer.Normalize(report, played);
    }
    std::vector<std::string_view> types;
    for (size_t i = before; i < played.size(); ++i) types.push_back(Name(played[i].type));
    return types;
  }

  Replayer replayer{{}, kFirstBoot, At(0)};
  SessionTable table;
  Normalizer normalizer{table, kFirstBoot, "replay", kRecorded};
  std::vector<Event> played;
};

/// alice, whose screen is `locked`.
SessionRef AliceWith(Locked locked) {
  Session session = Alice(kActive);
  session.locked = locked;
  return Shared(session);
}

Event Logon() {
  return Recorded(EventType::kSessionLogon, 0, AliceWith(Locked::kNo), Shared(Alice(kOpening)));
}

TEST_F(AReplay, OfAStep_IsThatStepMarkedAsRecorded) {
  Session created = Alice(kOpening);
  Session connected = created;
  connected.active = true;
  EXPECT_THAT(
      Play({Recorded(EventType::kSessionCreated, 0, Shared(created)),
            Recorded(EventType::kSessionConnected, 1, Shared(connected), Shared(created)),
            Recorded(EventType::kSessionLogon, 2, AliceWith(Locked::kNo), Shared(connected))}),
      ElementsAre("session.created", "session.connected", "session.logon"));
  EXPECT_THAT(played, Each(Field(&Event::origin, Origin::kRecorded)));
  EXPECT_EQ(played[2].time, At(2));
  EXPECT_EQ(played[2].session->Key(), Alice(kActive).Key());
}

TEST_F(AReplay, KeepsTheTimeOfALogonThatWasFound) {
  Play({Logon()});
  EXPECT_EQ(played.back().type, EventType::kSessionLogon);
  EXPECT_EQ(played.back().session->logon_time_us, At(-500).realtime_us);
}

TEST_F(AReplay, FillsInTheStepsThatTheRecordingLost) {
  EXPECT_THAT(Play({Logon()}),
              ElementsAre("session.created", "session.connected", "session.logon"));
  EXPECT_THAT(Play({Recorded(EventType::kSessionDestroyed, 9, nullptr, AliceWith(Locked::kNo))}),
              ElementsAre("session.logoff", "session.disconnected", "session.destroyed"));
}

TEST_F(AReplay, LeavesOutWhatTheRecordedBrokerAndItsPluginsDid) {
  Event injected = Logon();
  injected.origin = Origin::kInjected;
  Event plugins = Logon();
  plugins.origin = Origin::kPlugin;
  EXPECT_THAT(Play({MakeBrokerEvent(EventType::kBrokerStarted, At(0)),
                    MakeBrokerEvent(EventType::kPluginFailed, At(1)),
                    MakeBrokerEvent(EventType::kLogGap, At(2)), injected, plugins,
                    Recorded(EventType::kUnknown, 3)}),
              IsEmpty());
}

TEST_F(AReplay, LeavesOutEventsWithoutWhatTheyAreAbout) {
  EXPECT_THAT(
      Play({Recorded(EventType::kSessionLogon, 0), Recorded(EventType::kSessionDestroyed, 1),
            Recorded(EventType::kConsoleSwitched, 2),
            Recorded(EventType::kSessionLockRequested, 3)}),
      IsEmpty());
}

TEST_F(AReplay, RepeatsRequestsAndWhatTheMachineDid) {
  Play({Logon()});
  const SessionRef alice = AliceWith(Locked::kNo);
  EXPECT_THAT(
      Play({Recorded(EventType::kSessionLockRequested, 1, alice),
            Recorded(EventType::kSessionUnlockRequested, 2, alice),
            Recorded(EventType::kSystemSuspending, 3), Recorded(EventType::kSystemResumed, 4),
            Recorded(EventType::kSystemShuttingDown, 5)}),
      ElementsAre("session.lock_requested", "session.unlock_requested", "system.suspending",
                  "system.resumed", "system.shutting_down"));
}

TEST_F(AReplay, MovesTheSeat) {
  Play({Logon()});
  Event switched = Recorded(EventType::kConsoleSwitched, 1, AliceWith(Locked::kNo));
  switched.details = {{"seat", "seat0"}, {"from", ""}, {"to", "1"}};
  switched.reason = "because";
  EXPECT_THAT(Play({switched}), ElementsAre("console.switched"));
  EXPECT_EQ(played.back().details, switched.details);
  EXPECT_EQ(played.back().reason, "because");
}

TEST_F(AReplay, OfARecordedReplay_IsTheSame) {
  Event again = Logon();
  again.origin = Origin::kRecorded;
  EXPECT_THAT(Play({again}), ElementsAre("session.created", "session.connected", "session.logon"));
}

TEST_F(AReplay, KnowsWhenALockWasForgotten) {
  Play({Logon(),
        Recorded(EventType::kSessionLocked, 1, AliceWith(Locked::kYes), AliceWith(Locked::kNo))});
  // What was known was lost without an event; the next edge tells.
  EXPECT_THAT(Play({Recorded(EventType::kSessionLocked, 9, AliceWith(Locked::kYes),
                             AliceWith(Locked::kUnknown))}),
              ElementsAre("session.locked"));
  EXPECT_EQ(played.back().before->locked, Locked::kUnknown);
}

TEST_F(AReplay, UnlocksAForgottenLockOnceAtTheRequest) {
  Play({Logon(),
        Recorded(EventType::kSessionLocked, 1, AliceWith(Locked::kYes), AliceWith(Locked::kNo))});
  EXPECT_THAT(Play({Recorded(EventType::kSessionUnlockRequested, 9, AliceWith(Locked::kUnknown)),
                    Recorded(EventType::kSessionUnlocked, 9, AliceWith(Locked::kNo),
                             AliceWith(Locked::kUnknown))}),
              ElementsAre("session.unlock_requested", "session.unlocked"));
}

TEST_F(AReplay, LosesAndFindsTheSourceAsItWas) {
  Play({Logon()});
  EXPECT_THAT(Play({Recorded(EventType::kSourceLost, 1), Recorded(EventType::kSourceResynced, 2)}),
              ElementsAre("source.lost", "source.resynced"));
  EXPECT_EQ(played.back().origin, Origin::kRecorded);
}

TEST_F(AReplay, FindsALostSourceAgainWhereTheRecordedBrokerWasStarted) {
  EXPECT_THAT(
      Play({Recorded(EventType::kSourceLost, 1), MakeBrokerEvent(EventType::kBrokerStarted, At(2)),
            MakeBrokerEvent(EventType::kBrokerStarted, At(3)),
            Recorded(EventType::kSourceLost, 4)}),
      ElementsAre("source.lost", "source.resynced", "source.lost"));
}

TEST(ARecordingsBeginning, IsReportedAsItStood) {
  const SessionSnapshot beginning{{Shared(Alice(kActive))}, {{"seat0", "1"}}, 0};
  const Replayer replayer(beginning, kFirstBoot, At(0));
  const RawEvent raw = replayer.Snapshot("start");
  ASSERT_EQ(raw.sessions.size(), 1U);
  EXPECT_EQ(raw.time, At(0));
  EXPECT_EQ(raw.sessions[0].Key(), "") << "the session stage gives it";
  EXPECT_EQ(raw.sessions[0].logon_time_us, At(-500).realtime_us);
  EXPECT_THAT(raw.seats, ElementsAre(std::pair("seat0", "1")));
}

}  // namespace
}  // namespace broker
