#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/raw_views.h"
#include "usher/testing.hpp"

namespace {

using broker::testing::EmptyEvent;
using broker::testing::FakeSnapshot;
using broker::testing::UserSession;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using usher::testing::Driver;
using usher::testing::FakeHost;

class TheNullPlugin : public testing::Test {
 protected:
  /// One life of an instance that gets `events` events after a snapshot as of event 10.
  void Live(int events, bool ends_well = true) {
    Driver plugin(host_);
    ASSERT_EQ(plugin.Init().status, USHER_OK);
    ASSERT_EQ(plugin.Snapshot(FakeSnapshot(10, {UserSession("3", "anna")}).raw()).status, USHER_OK);
    for (int number = 1; number <= events; ++number) {
      auto event = EmptyEvent(USHER_EVENT_SYSTEM_RESUMED, "system.resumed",
                              10 + static_cast<uint64_t>(number));
      ASSERT_EQ(plugin.Deliver(event).status, USHER_OK);
    }
    if (ends_well) plugin.Stop();
  }

  FakeHost host_;
};

TEST_F(TheNullPlugin, CountsEventsAcrossRestarts) {
  Live(3);
  Live(2);
  EXPECT_EQ(host_.storage["events"], "5");
}

TEST_F(TheNullPlugin, LosesNoMoreThanSaveEveryInACrash) {
  host_.config["save_every"] = int64_t{2};
  Live(5, false);
  EXPECT_EQ(host_.storage["events"], "4");
}

TEST_F(TheNullPlugin, SavesWhatIsNewEachTenMinutes) {
  Driver plugin(host_);
  ASSERT_TRUE(plugin.Start());
  ASSERT_TRUE(plugin.Deliver(usher::testing::MakeEvent("system.resumed")));
  EXPECT_TRUE(plugin.Advance(std::chrono::minutes(9)));
  EXPECT_EQ(host_.storage.count("events"), 0U);
  EXPECT_TRUE(plugin.Advance(std::chrono::minutes(1)));
  EXPECT_EQ(host_.storage["events"], "1");
  host_.Fail("storage", USHER_IO, "no space");
  EXPECT_TRUE(plugin.Advance(std::chrono::minutes(10))) << "there is nothing new";
}

TEST_F(TheNullPlugin, KeepsTheRulesOfTheInterface) {
  {
    Driver plugin(host_);
    ASSERT_TRUE(plugin.Start());
    ASSERT_TRUE(plugin.Deliver(usher::testing::MakeEvent("system.resumed")));
    plugin.Stop();
  }
  EXPECT_THAT(host_.Violations(), IsEmpty());
}

TEST_F(TheNullPlugin, DoesWithoutTimers) {
  host_.missing_extensions = {USHER_EXT_TIMER};
  Live(3);
  EXPECT_EQ(host_.storage["events"], "3");
}

TEST_F(TheNullPlugin, IgnoresEventsThatTheSnapshotIncludes) {
  Driver plugin(host_);
  ASSERT_EQ(plugin.Init().status, USHER_OK);
  ASSERT_EQ(plugin.Snapshot(FakeSnapshot(10, {}).raw()).status, USHER_OK);
  ASSERT_EQ(plugin.Deliver(EmptyEvent(USHER_EVENT_SYSTEM_RESUMED, "system.resumed", 10)).status,
            USHER_OK);
  plugin.Stop();
  EXPECT_EQ(host_.storage["events"], "0");
}

TEST_F(TheNullPlugin, LogsEventsWithSessionAndDetails) {
  const usher_session session = UserSession("3", "anna");
  const usher_detail detail{"via", "console"};
  const usher_detail* const details[] = {&detail};
  auto event = EmptyEvent(USHER_EVENT_SESSION_CONNECTED, "session.connected", 1);
  event.session = &session;
  event.details = details;
  event.detail_count = 1;
  Driver plugin(host_);
  ASSERT_EQ(plugin.Init().status, USHER_OK);
  ASSERT_EQ(plugin.Deliver(event).status, USHER_OK);
  EXPECT_THAT(
      host_.Logs(),
      ElementsAre(Pair(USHER_LOG_INFO, "event 1: session.connected of session 3, via=console")));
}

TEST_F(TheNullPlugin, IsQuietWhereToldSo) {
  host_.config["log_events"] = false;
  Driver plugin(host_);
  ASSERT_EQ(plugin.Init().status, USHER_OK);
  ASSERT_EQ(plugin.Deliver(EmptyEvent(USHER_EVENT_SYSTEM_RESUMED, "system.resumed", 1)).status,
            USHER_OK);
  EXPECT_THAT(host_.Logs(), IsEmpty());
}

TEST_F(TheNullPlugin, NarrowsItsSubscriptionOnlyWhereToldSo) {
  Live(0);
  EXPECT_THAT(host_.Subscribed(), IsEmpty());
  host_.config["locks_only"] = true;
  Live(0);
  EXPECT_THAT(host_.Subscribed(), ElementsAre("session.locked", "session.unlocked"));
}

TEST_F(TheNullPlugin, RefusesASaveEveryBelowOne) {
  host_.config["save_every"] = int64_t{0};
  Driver plugin(host_);
  EXPECT_EQ(plugin.Start().text, "save_every: is 0; must be 1 or more");
}

TEST_F(TheNullPlugin, CountsFromZeroWhenTheStoredCountIsDamaged) {
  host_.storage["events"] = "12monkeys";
  Live(1);
  EXPECT_EQ(host_.storage["events"], "1");
  EXPECT_THAT(host_.Logs(), Contains(Pair(USHER_LOG_WARNING, HasSubstr("12monkeys"))));
}

TEST_F(TheNullPlugin, SurvivesAStorageThatFailsAtTheEnd) {
  Driver plugin(host_);
  ASSERT_EQ(plugin.Init().status, USHER_OK);
  host_.Fail("storage", USHER_IO, "no space");
  plugin.Stop();
  EXPECT_THAT(host_.Logs(), Contains(Pair(USHER_LOG_ERROR, HasSubstr("no space"))));
}

}  // namespace
