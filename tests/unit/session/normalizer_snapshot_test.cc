// What a snapshot shows that nobody reported: at the start, after a loss, of another boot, and of a
// recording.
#include "session/normalizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/session/raw_reports.h"

namespace broker {
namespace {

using testing::Alice;
using testing::AliceAtWork;
using ::testing::AllOf;
using testing::Brief;
using testing::Desk;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using testing::Greeter;
using testing::InBackground;
using ::testing::IsEmpty;
using testing::kBoot;
using testing::kNow;
using testing::Lost;
using testing::Remote;
using testing::Seen;
using testing::Snapshot;
using testing::With;

TEST(ALock, ThatEndedWhileNobodyWatchedIsUnknownAndTellsNothing) {
  Desk desk;
  desk.Take(Seen(With(Alice(), Locked::kYes)));
  Normalizer restarted(desk.table, std::string(kBoot), "simulated");
  std::vector<Event> events;
  restarted.Normalize(Snapshot({Alice()}, {}), events);
  EXPECT_THAT(events, IsEmpty());
  EXPECT_EQ(desk.table.Find("1")->locked, Locked::kUnknown);
}

TEST(TheFirstSnapshot, IsReconciledAndNoResync) {
  Desk desk;
  EXPECT_THAT(desk.Take(Snapshot({Alice(), Remote()}, {{"seat0", "1"}})),
              ElementsAre("created 1", "connected 1 console", "logon 1", "created 2",
                          "connected 2 remote", "logon 2", "switched ->1"));
  EXPECT_THAT(desk.events, Each(AllOf(Field(&Event::origin, Origin::kReconciled),
                                      Field(&Event::reason, "start"))));
}

TEST(ASnapshot, RepeatedYieldsNothing) {
  Desk desk;
  const RawEvent snapshot = Snapshot({With(Alice(), Locked::kYes), Remote()}, {{"seat0", "1"}});
  desk.Take(snapshot);
  EXPECT_THAT(desk.Take(snapshot), IsEmpty());
}

TEST(ASnapshot, EndsWhatIsMissingBeforeItShowsWhatIsNew) {
  AliceAtWork desk;
  EXPECT_THAT(desk.Take(Snapshot({Greeter()}, {{"seat0", "c1"}}, "resumed")),
              ElementsAre("logoff 1", "disconnected 1 console", "destroyed 1", "created c1",
                          "connected c1 console", "switched 1->c1"));
  EXPECT_THAT(desk.events, Each(Field(&Event::reason, "resumed")));
}

TEST(ASnapshot, DisconnectsBeforeItConnects) {
  Desk desk;
  desk.Take(Snapshot({InBackground(Alice("1")), Alice("2")}, {{"seat0", "2"}}));
  EXPECT_THAT(desk.Take(Snapshot({Alice("1"), InBackground(Alice("2"))}, {{"seat0", "1"}})),
              ElementsAre("disconnected 2 console", "connected 1 console", "switched 2->1"));
}

TEST(ASnapshotWithoutASeat, LeavesItEmpty) {
  AliceAtWork desk;
  EXPECT_THAT(desk.Take(Snapshot({Alice()})), ElementsAre("switched 1->"));
  EXPECT_THAT(desk.Take(Snapshot({Alice()})), IsEmpty());
}

TEST(ALostSource, IsToldOnceWithItsReason) {
  AliceAtWork desk;
  EXPECT_THAT(desk.Take(Lost("logind restarted")), ElementsAre("source.lost"));
  EXPECT_EQ(desk.events[0].reason, "logind restarted");
  EXPECT_EQ(desk.events[0].origin, Origin::kOs);
  EXPECT_THAT(desk.Take(Lost("still away")), IsEmpty());
}

TEST(TheSnapshotAfterALoss, BeginsWithTheResync) {
  AliceAtWork desk;
  desk.Take(Lost("logind restarted"));
  const RawEvent snapshot = Snapshot({Remote()}, {{"seat0", ""}}, "logind restarted");
  EXPECT_THAT(desk.Take(snapshot),
              ElementsAre("source.resynced", "logoff 1", "disconnected 1 console", "destroyed 1",
                          "created 2", "connected 2 remote", "logon 2", "switched 1->"));
  EXPECT_EQ(desk.events[0].origin, Origin::kOs);
  EXPECT_EQ(desk.events[0].reason, "logind restarted");
  EXPECT_EQ(desk.events[1].origin, Origin::kReconciled);
  EXPECT_THAT(desk.Take(snapshot), IsEmpty());
  EXPECT_THAT(desk.Take(Lost("again")), ElementsAre("source.lost"));
}

TEST(SessionsOfAnotherBoot, End) {
  Desk old;
  old.Take(Snapshot({Alice("1"), Greeter("c1"), Remote("2")}, {{"seat0", "1"}, {"seat1", ""}}));
  SessionTable table;
  table.Restore({old.table.All(), old.table.Seats(), 0});
  Normalizer normalizer(table, "another", "simulated");
  std::vector<Event> events;
  normalizer.EndForeignBoot(kNow, events);
  EXPECT_THAT(Brief(events),
              ElementsAre("logoff 1", "disconnected 1 console", "destroyed 1", "switched 1->",
                          "logoff 2", "destroyed 2", "disconnected c1 console", "destroyed c1"));
  EXPECT_THAT(events, Each(AllOf(Field(&Event::origin, Origin::kReconciled),
                                 Field(&Event::reason, "boot"), Field(&Event::time, kNow))));
  EXPECT_EQ(table.Size(), 0U);
}

TEST(SessionsOfThisBoot, DoNotEnd) {
  AliceAtWork desk;
  std::vector<Event> events;
  desk.normalizer.EndForeignBoot(kNow, events);
  EXPECT_THAT(events, IsEmpty());
  EXPECT_EQ(desk.table.Size(), 1U);
}

TEST(ABootIdThatBeginsLikeAnother, IsAnotherBoot) {
  AliceAtWork desk;
  Normalizer normalizer(desk.table, kBoot.substr(0, 8), "simulated");
  std::vector<Event> events;
  normalizer.EndForeignBoot(kNow, events);
  EXPECT_EQ(desk.table.Size(), 0U);
}

/// Normalizes what a recording tells.
struct ARecordedDesk {
  std::vector<Event> Take(const RawEvent& raw) {
    std::vector<Event> events;
    normalizer.Normalize(raw, events);
    return events;
  }
  SessionTable table;
  Normalizer normalizer{table, std::string(kBoot), "replay", {.recorded = true}};
};

TEST(EventsOfARecording, AreMarkedSoWhetherSeenOrFound) {
  ARecordedDesk desk;
  EXPECT_THAT(desk.Take(Seen(Alice())), Each(Field(&Event::origin, Origin::kRecorded)));
  const std::vector<Event> found = desk.Take(Snapshot({}, {}));
  EXPECT_FALSE(found.empty());
  EXPECT_THAT(found, Each(Field(&Event::origin, Origin::kRecorded)));
  desk.Take(Lost("gone"));
  const std::vector<Event> resynced = desk.Take(Snapshot({Greeter()}, {}));
  EXPECT_GT(resynced.size(), 1U);
  EXPECT_THAT(resynced, Each(Field(&Event::origin, Origin::kRecorded)));
}

TEST(EventsOfARecording, AreMarkedSoWhereAnIdIsReused) {
  ARecordedDesk desk;
  desk.Take(Seen(Alice()));
  Session other = Alice();
  other.created_us += 1;
  const std::vector<Event> events = desk.Take(Seen(other));
  EXPECT_EQ(events.front().reason, "id reused");
  EXPECT_THAT(events, Each(Field(&Event::origin, Origin::kRecorded)));
}

TEST(ALock, ThatEndedInARecordingEndedWhileSomebodyWatched) {
  ARecordedDesk desk;
  desk.Take(Seen(With(Alice(), Locked::kYes)));
  const std::vector<Event> events = desk.Take(Snapshot({Alice()}, {}));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().type, EventType::kSessionUnlocked);
}

}  // namespace
}  // namespace broker
