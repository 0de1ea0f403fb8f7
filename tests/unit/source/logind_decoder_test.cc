#include "source/logind_decoder.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

PropertyMap Everything() {
  return {
      {"Name", std::string("alice")},
      {"User", std::pair(std::string("2001"), std::string("/org/freedesktop/login1/user/_2001"))},
      {"TimestampMonotonic", uint64_t{1602440237}},
      {"Seat", std::pair(std::string("seat0"), std::string("/org/freedesktop/login1/seat/seat0"))},
      {"TTY", std::string("tty2")},
      {"Display", std::string(":0")},
      {"Remote", true},
      {"RemoteHost", std::string("10.1.2.3")},
      {"Type", std::string("wayland")},
      {"Class", std::string("user-early")},
      {"Active", true},
      {"State", std::string("closing")},
      {"LockedHint", true}};
}

TEST(APathElement, HasItsEscapesTakenBack) {
  EXPECT_EQ(UnescapePathElement("_311"), "11");
  EXPECT_EQ(UnescapePathElement("c1"), "c1");
  EXPECT_EQ(UnescapePathElement("_634"), "c4");
  EXPECT_EQ(UnescapePathElement("a_2db"), "a-b");
  EXPECT_EQ(UnescapePathElement("_"), "");
  EXPECT_EQ(UnescapePathElement(""), "");
}

TEST(APathElement, KeepsEscapesThatAreNone) {
  EXPECT_EQ(UnescapePathElement("a_"), "a_");
  EXPECT_EQ(UnescapePathElement("a_3"), "a_3");
  EXPECT_EQ(UnescapePathElement("_zz"), "_zz");
  EXPECT_EQ(UnescapePathElement("_+1"), "_+1");
}

TEST(APath, NamesItsSessionOrSeat) {
  EXPECT_EQ(SessionIdOfPath("/org/freedesktop/login1/session/_34569"), "4569");
  EXPECT_EQ(SeatNameOfPath("/org/freedesktop/login1/seat/seat0"), "seat0");
}

TEST(APath, OfAnythingElseNamesNone) {
  EXPECT_EQ(SessionIdOfPath("/org/freedesktop/login1/user/_2001"), std::nullopt);
  EXPECT_EQ(SessionIdOfPath("/org/freedesktop/login1/session/"), std::nullopt);
  EXPECT_EQ(SessionIdOfPath("/org/freedesktop/login1/session/a/b"), std::nullopt);
  EXPECT_EQ(SeatNameOfPath("/"), std::nullopt);
}

TEST(ASession, IsDecodedWithAllItsFacts) {
  const Session session = DecodeSession("11", Everything());
  EXPECT_EQ(session.Id(), "11");
  EXPECT_EQ(session.User(), "alice");
  EXPECT_EQ(session.UserId(), "2001");
  EXPECT_EQ(session.created_us, 1602440237);
  EXPECT_EQ(session.Seat(), "seat0");
  EXPECT_EQ(session.Tty(), "tty2");
  EXPECT_EQ(session.Display(), ":0");
  EXPECT_TRUE(session.remote);
  EXPECT_EQ(session.RemoteHost(), "10.1.2.3");
  EXPECT_EQ(session.Type(), "wayland");
  EXPECT_EQ(session.Class(), "user-early");
  EXPECT_TRUE(session.active);
  EXPECT_EQ(session.state, SessionState::kClosing);
  EXPECT_EQ(session.locked, Locked::kYes);
  EXPECT_EQ(session.Key(), "");
  EXPECT_EQ(session.logon_time_us, 0);
}

TEST(ASession, WithoutPropertiesIsOpeningAndNotLocked) {
  const Session session = DecodeSession("11", {});
  EXPECT_EQ(session.state, SessionState::kOpening);
  EXPECT_EQ(session.locked, Locked::kNo);
  EXPECT_FALSE(session.active);
}

TEST(ASession, PassesOverPropertiesOfAnUnexpectedType) {
  const Session session =
      DecodeSession("11", {{"Name", true}, {"Active", std::string("yes")}, {"User", uint64_t{1}}});
  EXPECT_EQ(session.User(), "");
  EXPECT_EQ(session.UserId(), "");
  EXPECT_FALSE(session.active);
}

TEST(ASession, KeepsItsStateWhenTheNameOfTheNewOneIsUnknown) {
  EXPECT_EQ(DecodeSession("11", {{"State", std::string("dreaming")}}).state,
            SessionState::kOpening);
}

TEST(AnActiveEdge, MovesAnOnlineSessionToActiveAndBack) {
  SessionFacts session =
      DecodeSession("11", {{"State", std::string("online")}, {"Active", false}}).Facts();
  ApplyChanges({{"Active", true}}, session);
  EXPECT_EQ(session.state, SessionState::kActive);
  ApplyChanges({{"Active", false}}, session);
  EXPECT_EQ(session.state, SessionState::kOnline);
}

TEST(AnActiveEdge, LeavesOpeningAndClosingAlone) {
  for (const char* state : {"opening", "closing"}) {
    SessionFacts session =
        DecodeSession("11", {{"State", std::string(state)}, {"Active", false}}).Facts();
    ApplyChanges({{"Active", true}}, session);
    EXPECT_EQ(Name(session.state), state);
    EXPECT_TRUE(session.active);
  }
}

TEST(AChange, TouchesNothingElse) {
  const SessionFacts before = DecodeSession("11", Everything()).Facts();
  SessionFacts session = before;
  ApplyChanges({{"LockedHint", false}}, session);
  EXPECT_EQ(session.locked, Locked::kNo);
  session.locked = before.locked;
  EXPECT_EQ(session, before);
}

TEST(ASeat, SaysWhichSessionIsActive) {
  EXPECT_EQ(
      DecodeActiveSession({{"ActiveSession", std::pair(std::string("24"), std::string("/"))}}),
      "24");
  EXPECT_EQ(DecodeActiveSession({{"ActiveSession", std::pair(std::string(), std::string("/"))}}),
            "");
  EXPECT_EQ(DecodeActiveSession({{"IdleHint", true}}), std::nullopt);
}

}  // namespace
}  // namespace broker
