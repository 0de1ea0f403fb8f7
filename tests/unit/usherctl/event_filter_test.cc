#include "usherctl/event_filter.h"

#include <gtest/gtest.h>

#include "tests/unit/usherctl/events.h"

namespace broker {
namespace {

using testing::AlicesSession;
using testing::SessionEvent;

const Event kLogon = SessionEvent(EventType::kSessionLogon, AlicesSession());

TEST(AFilter, LetsEverythingPassWhenItIsEmpty) {
  EXPECT_TRUE(EventFilter{}.Matches(kLogon));
  EXPECT_TRUE(EventFilter{}.Matches(Event{}));
}

TEST(AFilter, TakesAnyOfItsTypes) {
  EXPECT_TRUE((EventFilter{{"session.*"}, {}, {}}).Matches(kLogon));
  EXPECT_TRUE((EventFilter{{"broker.*", "*.logon"}, {}, {}}).Matches(kLogon));
  EXPECT_FALSE((EventFilter{{"broker.*", "session.log?n?"}, {}, {}}).Matches(kLogon));
  EXPECT_FALSE((EventFilter{{"session"}, {}, {}}).Matches(kLogon));
}

TEST(AFilter, MatchesTypesThatHaveNoNumber) {
  Event event;
  event.type_name = "org.example.door.opened";
  EXPECT_TRUE((EventFilter{{"org.example.*"}, {}, {}}).Matches(event));
}

TEST(AFilter, KnowsTheUserByNameAndById) {
  EXPECT_TRUE((EventFilter{{}, {}, {"alice"}}).Matches(kLogon));
  EXPECT_TRUE((EventFilter{{}, {}, {"1000"}}).Matches(kLogon));
  EXPECT_FALSE((EventFilter{{}, {}, {"alic"}}).Matches(kLogon));
  EXPECT_FALSE((EventFilter{{}, {}, {"100"}}).Matches(kLogon));
}

TEST(AFilter, TakesAnyOfItsSessionsAndUsers) {
  EXPECT_TRUE((EventFilter{{}, {"1", "2"}, {"bob", "alice"}}).Matches(kLogon));
  EXPECT_FALSE((EventFilter{{}, {"1", "2"}, {"bob", "carol"}}).Matches(kLogon));
  EXPECT_FALSE((EventFilter{{}, {"1", "3"}, {"bob", "alice"}}).Matches(kLogon));
}

TEST(AFilter, LooksAtTheSessionBeforeTheEventToo) {
  Event destroyed = kLogon;
  std::swap(destroyed.session, destroyed.before);
  EXPECT_TRUE((EventFilter{{}, {"2"}, {}}).Matches(destroyed));
  EXPECT_TRUE((EventFilter{{}, {}, {"alice"}}).Matches(destroyed));
}

TEST(AFilter, LeavesOutEventsWithoutASessionWhenItAsksForOne) {
  EXPECT_FALSE((EventFilter{{}, {"2"}, {}}).Matches(Event{}));
  EXPECT_FALSE((EventFilter{{}, {}, {"alice"}}).Matches(Event{}));
}

TEST(AFilter, WantsAllKindsOfConditionAtOnce) {
  EXPECT_TRUE((EventFilter{{"session.*"}, {"2"}, {"alice"}}).Matches(kLogon));
  EXPECT_FALSE((EventFilter{{"session.*"}, {"2"}, {"bob"}}).Matches(kLogon));
  EXPECT_FALSE((EventFilter{{"session.*"}, {"3"}, {"alice"}}).Matches(kLogon));
  EXPECT_FALSE((EventFilter{{"broker.*"}, {"2"}, {"alice"}}).Matches(kLogon));
}

}  // namespace
}  // namespace broker
