#include "session/session_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "session/committed_sessions.h"
#include "tests/unit/session/raw_reports.h"

namespace broker {
namespace {

using testing::Alice;

SessionRef Keyed(const std::string& id, const std::string& key, Locked locked = Locked::kNo) {
  SessionFacts session = Alice(id).Facts();
  session.key = key;
  session.locked = locked;
  return std::make_shared<const Session>(std::move(session));
}

Event Of(EventType type, SessionRef session, Origin origin = Origin::kOs) {
  Event event;
  event.type = type;
  event.origin = origin;
  event.session = std::move(session);
  return event;
}

Event Ended(SessionRef before) {
  Event event = Of(EventType::kSessionDestroyed, nullptr);
  event.before = std::move(before);
  return event;
}

Event Switched(Details details) {
  Event event = Of(EventType::kConsoleSwitched, nullptr);
  event.details = std::move(details);
  return event;
}

TEST(TheTable, HoldsEachSessionAsItsLastEventShowedIt) {
  SessionTable table;
  table.Apply(Of(EventType::kSessionCreated, Keyed("1", "k1")));
  table.Apply(Of(EventType::kSessionLocked, Keyed("1", "k1", Locked::kYes)));
  ASSERT_EQ(table.Size(), 1U);
  EXPECT_EQ(table.Find("1")->locked, Locked::kYes);
}

TEST(TheTable, DoesNotFindWhatIsNotThere) {
  EXPECT_EQ(SessionTable().Find("1"), nullptr);
}

TEST(TheTable, ListsSessionsById) {
  SessionTable table;
  table.Replace(Keyed("c2", "k2"));
  table.Replace(Keyed("c1", "k1"));
  ASSERT_EQ(table.All().size(), 2U);
  EXPECT_EQ(table.All()[0]->Id(), "c1");
}

TEST(TheTable, ForgetsADestroyedSession) {
  SessionTable table;
  table.Replace(Keyed("1", "k1"));
  table.Apply(Ended(Keyed("1", "k1")));
  EXPECT_EQ(table.Size(), 0U);
}

TEST(TheTable, KeepsTheNewSessionWhenAnOldOneOfItsIdIsDestroyedLate) {
  SessionTable table;
  table.Replace(Keyed("1", "new"));
  table.Apply(Ended(Keyed("1", "old")));
  EXPECT_EQ(table.Size(), 1U);
}

TEST(TheTable, IsNotChangedByInjectedAndPluginsEvents) {
  SessionTable table;
  table.Replace(Keyed("1", "k1"));
  for (const Origin origin : {Origin::kInjected, Origin::kPlugin}) {
    table.Apply(Of(EventType::kSessionLocked, Keyed("1", "k1", Locked::kYes), origin));
    table.Apply(Of(EventType::kSessionCreated, Keyed("2", "k2"), origin));
    Event ended = Ended(Keyed("1", "k1"));
    ended.origin = origin;
    table.Apply(ended);
  }
  ASSERT_EQ(table.Size(), 1U);
  EXPECT_EQ(table.Find("1")->locked, Locked::kNo);
}

TEST(TheTable, IsNotChangedByEventsThatMerelyMentionASession) {
  SessionTable table;
  table.Apply(Of(EventType::kAgentStarted, Keyed("1", "k1"), Origin::kBroker));
  table.Apply(Of(EventType::kMessageShown, Keyed("1", "k1"), Origin::kBroker));
  EXPECT_EQ(table.Size(), 0U);
}

TEST(ASeat, ShowsTheSessionItWasSwitchedTo) {
  SessionTable table;
  table.Apply(Switched({{"seat", "seat0"}, {"from", ""}, {"to", "1"}}));
  table.Apply(Switched({{"seat", "seat1"}, {"from", ""}, {"to", "2"}}));
  table.Apply(Switched({{"seat", "seat0"}, {"from", "1"}, {"to", ""}}));
  EXPECT_EQ(table.Seats(), (SeatMap{{"seat0", ""}, {"seat1", "2"}}));
}

TEST(ASwitchWithoutASeat, ChangesNothing) {
  SessionTable table;
  table.Apply(Switched({{"to", "1"}}));
  EXPECT_TRUE(table.Seats().empty());
}

TEST(ARestoredTable, HoldsNothingOfBefore) {
  SessionTable table;
  table.Replace(Keyed("1", "k1"));
  table.Restore({{Keyed("2", "k2")}, {{"seat0", "2"}}, 7});
  EXPECT_EQ(table.Find("1"), nullptr);
  EXPECT_NE(table.Find("2"), nullptr);
  EXPECT_EQ(table.Seats(), (SeatMap{{"seat0", "2"}}));
}

TEST(CommittedSessions, ShowTheTableAsOfTheLastCommittedEvent) {
  CommittedSessions committed;
  committed.Restore({{Keyed("1", "k1")}, {}, 7});
  EXPECT_EQ(committed.Snapshot().as_of, 7U);
  Event created = Of(EventType::kSessionCreated, Keyed("2", "k2"));
  created.seq = 8;
  Event lost = Of(EventType::kSourceLost, nullptr);
  lost.seq = 9;
  const std::vector<Event> events{created, lost};
  committed.Commit(events);
  const SessionSnapshot snapshot = committed.Snapshot();
  EXPECT_EQ(snapshot.as_of, 9U);
  EXPECT_EQ(snapshot.sessions.size(), 2U);
}

TEST(CommittedSessions, KeepTheirPlaceInTheLogWhenNothingWasCommitted) {
  CommittedSessions committed;
  committed.Restore({{}, {}, 7});
  committed.Commit({});
  EXPECT_EQ(committed.Snapshot().as_of, 7U);
}

TEST(CommittedSessions, TakeFactsWithoutAnEventOfTheSessionsTheyHold) {
  CommittedSessions committed;
  committed.Restore({{Keyed("1", "k1"), Keyed("2", "old")}, {}, 7});
  const std::vector<SessionRef> facts{Keyed("1", "k1", Locked::kUnknown),
                                      Keyed("2", "new", Locked::kUnknown), Keyed("3", "k3")};
  committed.Refresh(facts);
  const SessionSnapshot snapshot = committed.Snapshot();
  ASSERT_EQ(snapshot.sessions.size(), 2U);
  EXPECT_EQ(snapshot.sessions[0]->locked, Locked::kUnknown);
  EXPECT_EQ(snapshot.sessions[1]->Key(), "old");
  EXPECT_EQ(snapshot.as_of, 7U);
}

}  // namespace
}  // namespace broker
