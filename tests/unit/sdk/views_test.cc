#include "usher/cpp/views.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event/event_type.h"
#include "tests/support/raw_views.h"

namespace {

using broker::testing::EmptyEvent;
using broker::testing::FakeSnapshot;
using broker::testing::UserSession;

TEST(EventTypes, HaveTheBrokersNumbersAndNames) {
  ASSERT_EQ(usher::detail::kTypeCount, static_cast<int32_t>(broker::EventType::kCount));
  for (int32_t number = 0; number < usher::detail::kTypeCount; ++number) {
    EXPECT_EQ(usher::Name(static_cast<usher::EventType>(number)),
              broker::Name(static_cast<broker::EventType>(number)));
  }
}

TEST(EventTypes, OutsideTheTableHaveNoName) {
  EXPECT_EQ(usher::Name(static_cast<usher::EventType>(-1)), "");
  EXPECT_EQ(usher::Name(static_cast<usher::EventType>(usher::detail::kTypeCount)), "");
  EXPECT_THROW((void)usher::detail::TypeName(usher::EventType::kUnknown), std::invalid_argument);
}

TEST(ASessionView, ReadsEveryMemberInPlace) {
  usher_session raw = UserSession("boot-3-17", "anna");
  raw.id = "3";
  raw.tty = "tty2";
  raw.display = ":0";
  raw.remote_host = "far.example";
  raw.locked = USHER_LOCKED_YES;
  raw.remote = 1;
  const usher::Session session(&raw);
  EXPECT_TRUE(session);
  EXPECT_EQ(session.id(), "3");
  EXPECT_EQ(session.key(), "boot-3-17");
  EXPECT_EQ(session.user().data(), raw.user) << "a view copies nothing";
  EXPECT_EQ(session.user_id(), "1000");
  EXPECT_EQ(session.session_class(), "user");
  EXPECT_EQ(session.type(), "wayland");
  EXPECT_EQ(session.seat(), "seat0");
  EXPECT_EQ(session.tty(), "tty2");
  EXPECT_EQ(session.display(), ":0");
  EXPECT_EQ(session.remote_host(), "far.example");
  EXPECT_EQ(session.state(), usher::SessionState::kActive);
  EXPECT_EQ(session.locked(), usher::Locked::kYes);
  EXPECT_TRUE(session.active());
  EXPECT_TRUE(session.remote());
  EXPECT_EQ(session.logon_time()->time_since_epoch().count(), 1'700'000'000'000'000);
}

TEST(ASessionView, HasNoLogonTimeBeforeTheLogon) {
  usher_session raw = UserSession("k", "anna");
  raw.logon_time_us = 0;
  EXPECT_FALSE(usher::Session(&raw).logon_time());
}

TEST(TheViewOfNoSession, IsFalseAndEmptyAndKnowsNoLock) {
  const usher::Session session(nullptr);
  EXPECT_FALSE(session);
  EXPECT_EQ(session.user(), "");
  EXPECT_EQ(session.key(), "");
  EXPECT_EQ(session.locked(), usher::Locked::kUnknown);
  EXPECT_FALSE(session.active());
  EXPECT_FALSE(session.logon_time());
}

TEST(AnEventView, ReadsEveryMember) {
  const usher_session after = UserSession("k", "anna");
  usher_event raw = EmptyEvent(USHER_EVENT_SESSION_LOCKED, "session.locked", 42);
  raw.cause = 40;
  raw.monotonic_us = 5;
  raw.boot_id = "b00t";
  raw.origin = USHER_ORIGIN_RECONCILED;
  raw.flags = USHER_FLAG_SYNTHETIC | USHER_FLAG_UNLOGGED;
  raw.source = "logind";
  raw.reason = "resync";
  raw.session = &after;
  raw.json = "{\"seq\":42}";
  const usher::Event event(raw);
  EXPECT_EQ(event.type(), usher::EventType::kSessionLocked);
  EXPECT_EQ(event.type_name(), "session.locked");
  EXPECT_EQ(event.seq(), 42U);
  EXPECT_EQ(event.cause(), 40U);
  EXPECT_EQ(event.time().time_since_epoch().count(), 1'700'000'000'000'042);
  EXPECT_EQ(event.monotonic(), std::chrono::microseconds(5));
  EXPECT_EQ(event.boot_id(), "b00t");
  EXPECT_EQ(event.origin(), usher::Origin::kReconciled);
  EXPECT_TRUE(event.synthetic());
  EXPECT_FALSE(event.redelivered());
  EXPECT_TRUE(event.unlogged());
  EXPECT_EQ(event.source(), "logind");
  EXPECT_EQ(event.reason(), "resync");
  EXPECT_EQ(event.session().user(), "anna");
  EXPECT_EQ(event.json(), "{\"seq\":42}");
}

TEST(AnEventView, TellsWhetherThereWasASessionBefore) {
  const usher_session earlier = UserSession("k", "anna");
  usher_event raw = EmptyEvent(USHER_EVENT_SESSION_UNLOCKED, "session.unlocked", 1);
  EXPECT_FALSE(usher::Event(raw).before());
  EXPECT_FALSE(usher::Event(raw).session());
  raw.before = &earlier;
  EXPECT_EQ(usher::Event(raw).before()->user(), "anna");
}

TEST(AnEventView, TakesATypeNewerThanItselfForUnknown) {
  const usher_event newer = EmptyEvent(usher::detail::kTypeCount, "session.dreaming", 1);
  EXPECT_EQ(usher::Event(newer).type(), usher::EventType::kUnknown);
  EXPECT_EQ(usher::Event(newer).type_name(), "session.dreaming");
}

TEST(AnEventView, FindsItsDetails) {
  const usher_detail from{"from", "2"};
  const usher_detail to{"to", ""};
  const std::vector<const usher_detail*> details{&from, &to};
  usher_event raw = EmptyEvent(USHER_EVENT_CONSOLE_SWITCHED, "console.switched", 1);
  EXPECT_TRUE(usher::Event(raw).details().empty());
  raw.details = details.data();
  raw.detail_count = 2;
  const usher::Event event(raw);
  EXPECT_EQ(event.Find("from"), "2");
  EXPECT_EQ(event.Find("to"), "") << "an empty value is a value";
  EXPECT_EQ(event.Find("via"), std::nullopt);
  EXPECT_EQ(event.details().size(), 2U);
  EXPECT_EQ(event.details()[1].key(), "to");
}

TEST(ASnapshotView, IteratesOverTheSessions) {
  const FakeSnapshot fake(9, {UserSession("a", "anna"), UserSession("b", "bert")});
  const usher::Snapshot snapshot(fake.raw());
  std::vector<std::string> users;
  for (const usher::Session session : snapshot.sessions()) users.emplace_back(session.user());
  EXPECT_THAT(users, testing::ElementsAre("anna", "bert"));
  EXPECT_EQ(snapshot.as_of_seq(), 9U);
  EXPECT_EQ(snapshot.time().time_since_epoch().count(), 1'700'000'000'000'009);
  EXPECT_EQ(snapshot.reason(), usher::SnapshotReason::kActivated);
}

TEST(ASnapshotView, OfNoSessionsIsAnEmptyRange) {
  usher_snapshot raw{};
  raw.size = sizeof(raw);
  const usher::Snapshot snapshot(raw);
  EXPECT_TRUE(snapshot.sessions().empty());
  EXPECT_EQ(snapshot.sessions().begin(), snapshot.sessions().end());
}

}  // namespace
