#include "source/logind_view.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

PropertyMap Properties(uint64_t created_us, bool locked, const std::string& state = "active") {
  return {{"Name", std::string("alice")},
          {"Class", std::string("user")},
          {"Type", std::string("wayland")},
          {"State", state},
          {"Active", true},
          {"LockedHint", locked},
          {"TimestampMonotonic", created_us}};
}

LogindSignal Changed(const std::string& id, PropertyMap changed) {
  return {LogindSays::kSessionChanged, id, "", std::move(changed)};
}

class TheView : public ::testing::Test {
 protected:
  /// Session 11 as it was, then a snapshot in which it is there with this hint.
  Locked LockedAfter(bool before, bool now, bool forgetful, uint64_t created_us = 5) {
    (void)view_.SessionRead("11", Properties(5, before));
    const RawEvent raw = view_.Snapshot({DecodeSession("11", Properties(created_us, now))}, {},
                                        forgetful, "logind restarted");
    return raw.sessions.at(0).locked;
  }

  LogindView view_;
};

TEST_F(TheView, ReportsASessionOnceUntilSomethingChanges) {
  EXPECT_TRUE(view_.SessionRead("11", Properties(5, false)));
  EXPECT_FALSE(view_.SessionRead("11", Properties(5, false)));
  EXPECT_FALSE(view_.Heard(Changed("11", {{"Active", true}})));
  EXPECT_TRUE(view_.Heard(Changed("11", {{"Active", false}})));
}

TEST_F(TheView, ReportsAllFactsWithEveryChange) {
  (void)view_.SessionRead("11", Properties(5, false));
  const auto raw = view_.Heard(Changed("11", {{"LockedHint", true}}));
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->kind, RawKind::kSession);
  EXPECT_EQ(raw->session.User(), "alice");
  EXPECT_EQ(raw->session.locked, Locked::kYes);
}

TEST_F(TheView, PassesOverChangesOfSessionsItHasNotRead) {
  EXPECT_FALSE(view_.Heard(Changed("11", {{"Active", true}})));
  EXPECT_FALSE(view_.StateRead("11", SessionState::kClosing));
  EXPECT_FALSE(view_.Heard({LogindSays::kSessionRemoved, "11", "", {}}));
}

TEST_F(TheView, SeesASessionLeaveOpeningAndBeginClosing) {
  (void)view_.SessionRead("11", Properties(5, false, "opening"));
  const auto settled = view_.StateRead("11", SessionState::kActive);
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->session.state, SessionState::kActive);
  const auto closing = view_.StateRead("11", SessionState::kClosing);
  ASSERT_TRUE(closing);
  EXPECT_EQ(closing->session.state, SessionState::kClosing);
  EXPECT_EQ(closing->session.User(), "alice");
}

TEST_F(TheView, LeavesTheForegroundToTheActiveSignal) {
  (void)view_.SessionRead("11", Properties(5, false));
  EXPECT_FALSE(view_.StateRead("11", SessionState::kOnline)) << "still active as far as was said";
}

TEST_F(TheView, ForgetsARemovedSession) {
  (void)view_.SessionRead("11", Properties(5, false));
  const auto removed = view_.Heard({LogindSays::kSessionRemoved, "11", "", {}});
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->kind, RawKind::kSessionRemoved);
  EXPECT_EQ(removed->session.Id(), "11");
  EXPECT_TRUE(view_.Ids().empty());
}

TEST_F(TheView, ReportsASeatOnlyWhenItsSessionIsAnother) {
  const PropertyMap shows{{"ActiveSession", std::pair(std::string("11"), std::string("/"))}};
  EXPECT_TRUE(view_.Heard({LogindSays::kSeatChanged, "seat0", "", shows}));
  EXPECT_FALSE(view_.Heard({LogindSays::kSeatChanged, "seat0", "", shows}));
  EXPECT_FALSE(view_.Heard({LogindSays::kSeatChanged, "seat0", "", {{"IdleHint", true}}}));
}

TEST_F(TheView, DoubtsAnUnlockedSessionThatALogindBeforeKnewAsLocked) {
  EXPECT_EQ(LockedAfter(true, false, true), Locked::kUnknown);
}

TEST_F(TheView, DoubtsNoOtherSession) {
  EXPECT_EQ(LockedAfter(false, false, true), Locked::kNo);
  EXPECT_EQ(LockedAfter(true, true, true), Locked::kYes);
  EXPECT_EQ(LockedAfter(true, false, false), Locked::kNo) << "the same logind says so";
}

TEST_F(TheView, DoubtsNoOtherSessionOfTheSameId) {
  EXPECT_EQ(LockedAfter(true, false, true, 6), Locked::kNo);
}

TEST_F(TheView, KeepsItsDoubtWhenTheSessionIsReadAgain) {
  LockedAfter(true, false, true);
  EXPECT_FALSE(view_.SessionRead("11", Properties(5, false)));
  const RawEvent raw =
      view_.Snapshot({DecodeSession("11", Properties(5, false))}, {}, false, "resumed");
  EXPECT_EQ(raw.sessions.at(0).locked, Locked::kUnknown);
}

TEST_F(TheView, EndsItsDoubtAtTheNextEdge) {
  LockedAfter(true, false, true);
  const auto edge = view_.Heard(Changed("11", {{"LockedHint", false}}));
  ASSERT_TRUE(edge);
  EXPECT_EQ(edge->session.locked, Locked::kNo);
}

TEST_F(TheView, EndsItsDoubtWhenSomebodyAsksToUnlock) {
  LockedAfter(true, false, true);
  const auto asked = view_.Heard({LogindSays::kUnlock, "11", "", {}});
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->kind, RawKind::kUnlockRequested);
  const auto later = view_.Heard(Changed("11", {{"Active", false}}));
  ASSERT_TRUE(later);
  EXPECT_EQ(later->session.locked, Locked::kNo);
}

TEST_F(TheView, KnowsOnlyWhatTheSnapshotHas) {
  (void)view_.SessionRead("11", Properties(5, false));
  const RawEvent raw = view_.Snapshot({DecodeSession("12", Properties(6, false))},
                                      {{"seat0", "12"}}, false, "start");
  EXPECT_EQ(raw.kind, RawKind::kSnapshot);
  EXPECT_EQ(raw.reason, "start");
  EXPECT_EQ(raw.seats.at("seat0"), "12");
  EXPECT_EQ(view_.Ids(), std::vector<std::string>{"12"});
}

TEST_F(TheView, HearsNothingMoreOfABuriedSession) {
  (void)view_.SessionRead("11", Properties(5, false, "closing"));
  ASSERT_EQ(view_.Closing().size(), 1U);
  EXPECT_EQ(view_.Bury("11", "stuck").kind, RawKind::kSessionStuck);
  EXPECT_TRUE(view_.Closing().empty());
  EXPECT_FALSE(view_.SessionRead("11", Properties(5, false, "closing")));
  EXPECT_FALSE(view_.Heard(Changed("11", {{"Active", false}})));
  const std::vector<Session> listed{DecodeSession("11", Properties(5, false, "closing"))};
  EXPECT_TRUE(view_.Snapshot(listed, {}, false, "resumed").sessions.empty());
  EXPECT_TRUE(view_.Snapshot(listed, {}, false, "resumed").sessions.empty()) << "nor later";
  EXPECT_FALSE(view_.Heard({LogindSays::kSessionRemoved, "11", "", {}}));
  EXPECT_TRUE(view_.SessionRead("11", Properties(5, false))) << "logind has dropped it since";
}

TEST_F(TheView, KnowsAnotherSessionUnderABuriedOnesId) {
  (void)view_.SessionRead("11", Properties(5, false, "closing"));
  (void)view_.Bury("11", "stuck");
  EXPECT_TRUE(view_.SessionRead("11", Properties(9, false)));
  (void)view_.Bury("11", "stuck");
  EXPECT_EQ(
      view_.Snapshot({DecodeSession("11", Properties(10, false))}, {}, false, "").sessions.size(),
      1U);
  EXPECT_TRUE(view_.SessionRead("11", Properties(9, false))) << "a snapshot without it frees it";
}

TEST_F(TheView, FollowsSeatsThatComeAndGo) {
  const PropertyMap shows{{"ActiveSession", std::pair(std::string("11"), std::string("/"))}};
  ASSERT_TRUE(view_.SeatRead("seat1", shows));
  EXPECT_FALSE(view_.SeatRead("seat1", shows));
  EXPECT_FALSE(view_.SeatRead("seat1", {}));
  const auto raw = view_.Heard({LogindSays::kSeatRemoved, "seat1", "", {}});
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->seats, (SeatMap{{"seat1", ""}}));
  EXPECT_FALSE(view_.Heard({LogindSays::kSeatRemoved, "seat1", "", {}}));
}

}  // namespace
}  // namespace broker
