#include "event/session.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

Session Active(const std::string& seat, bool remote) {
  Session session;
  session.active = true;
  session.seat = seat;
  session.remote = remote;
  return session;
}

TEST(ASessionKey, JoinsBootIdAndCreation) {
  EXPECT_EQ(MakeSessionKey("0123abcd", "c1", 4711), "0123abcd-c1-4711");
}

TEST(ASessionKey, TellsAReusedIdApart) {
  EXPECT_NE(MakeSessionKey("boot", "c1", 1), MakeSessionKey("boot", "c1", 2));
  EXPECT_NE(MakeSessionKey("boot", "c1", 1), MakeSessionKey("other", "c1", 1));
}

TEST(AnActiveSessionOnASeat, IsConnectedToTheConsole) {
  EXPECT_EQ(ConnectionOf(Active("seat0", false)), Connection::kConsole);
}

TEST(AnActiveRemoteSession, IsConnectedRemotely) {
  EXPECT_EQ(ConnectionOf(Active("", true)), Connection::kRemote);
  EXPECT_EQ(ConnectionOf(Active("seat0", true)), Connection::kRemote);
}

TEST(ASessionThatIsNotActive, IsNotConnected) {
  Session session = Active("seat0", false);
  session.active = false;
  EXPECT_EQ(ConnectionOf(session), Connection::kNone);
  session.remote = true;
  EXPECT_EQ(ConnectionOf(session), Connection::kNone);
}

TEST(AnActiveLocalSessionWithoutASeat, IsNotConnected) {
  EXPECT_EQ(ConnectionOf(Active("", false)), Connection::kNone);
}

TEST(UserClasses, AreUserAndItsKin) {
  EXPECT_TRUE(IsUserClass("user"));
  EXPECT_TRUE(IsUserClass("user-early"));
  EXPECT_TRUE(IsUserClass("user-incomplete"));
}

TEST(OtherClasses, AreNoUserClasses) {
  for (const auto* other : {"", "greeter", "lock-screen", "background", "background-light",
                            "manager", "manager-early", "users", "User", "none"}) {
    EXPECT_FALSE(IsUserClass(other)) << other;
  }
}

TEST(SessionStates, HaveNamesThatLeadBackToThem) {
  EXPECT_EQ(Name(SessionState::kOpening), "opening");
  EXPECT_EQ(Name(SessionState::kOnline), "online");
  EXPECT_EQ(Name(SessionState::kActive), "active");
  EXPECT_EQ(Name(SessionState::kClosing), "closing");
  for (const SessionState state : {SessionState::kOpening, SessionState::kOnline,
                                   SessionState::kActive, SessionState::kClosing}) {
    EXPECT_EQ(ParseSessionState(Name(state)), state);
  }
}

TEST(LockStates, HaveNamesThatLeadBackToThem) {
  EXPECT_EQ(Name(Locked::kNo), "no");
  EXPECT_EQ(Name(Locked::kYes), "yes");
  EXPECT_EQ(Name(Locked::kUnknown), "unknown");
  for (const Locked locked : {Locked::kNo, Locked::kYes, Locked::kUnknown}) {
    EXPECT_EQ(ParseLocked(Name(locked)), locked);
  }
}

TEST(Connections, HaveNames) {
  EXPECT_EQ(Name(Connection::kNone), "none");
  EXPECT_EQ(Name(Connection::kConsole), "console");
  EXPECT_EQ(Name(Connection::kRemote), "remote");
}

TEST(UnknownNames, AreNeitherStateNorLock) {
  EXPECT_EQ(ParseSessionState("lingering"), std::nullopt);
  EXPECT_EQ(ParseSessionState(""), std::nullopt);
  EXPECT_EQ(ParseLocked("true"), std::nullopt);
  EXPECT_EQ(ParseLocked(""), std::nullopt);
}

TEST(ASession, DiffersByEveryFieldThatChanged) {
  const Session session = Active("seat0", false);
  EXPECT_EQ(session, Active("seat0", false));
  Session locked = session;
  locked.locked = Locked::kYes;
  EXPECT_NE(session, locked);
  Session renamed = session;
  renamed.remote_host = "host";
  EXPECT_NE(session, renamed);
}

}  // namespace
}  // namespace broker
