#include "event/session.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

Session Active(const std::string& seat, bool remote) {
  SessionFacts session;
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
  SessionFacts renamed = session.Facts();
  renamed.remote_host = "host";
  EXPECT_NE(session, Session(renamed));
}

TEST(ASession, GivesBackTheFactsThatItWasMadeOf) {
  SessionFacts facts;
  facts.id = "c1";
  facts.key = "boot-c1-5";
  facts.user = "ada";
  facts.user_id = "1000";
  facts.session_class = "user";
  facts.type = "x11";
  facts.seat = "seat0";
  facts.tty = "tty2";
  facts.display = ":0";
  facts.remote_host = "far";
  facts.created_us = 5;
  facts.active = true;
  EXPECT_EQ(Session(facts).Facts(), facts);
  EXPECT_EQ(Session().Facts(), SessionFacts());
}

TEST(ASession, HasANulBehindEachText) {
  const Session session = SessionWithId("c1");
  EXPECT_STREQ(session.Id().data(), "c1");
  EXPECT_STREQ(session.RemoteHost().data(), "");
  EXPECT_STREQ(Session().User().data(), "");
}

TEST(ASession, SharesItsTextsWithItsCopies) {
  const Session session = SessionWithId("c1");
  Session copy = session;
  copy.active = true;
  EXPECT_EQ(copy.Id().data(), session.Id().data());
  Session other = SessionWithId("c1");
  EXPECT_EQ(other, session);
  EXPECT_NE(other.Id().data(), session.Id().data());
  other.ShareTexts(session);
  EXPECT_EQ(other.Id().data(), session.Id().data());
}

TEST(ASession, IsTheSameButForItsKey) {
  SessionFacts facts = SessionWithId("c1").Facts();
  facts.key = "boot-c1-5";
  EXPECT_TRUE(Session(facts).SameButKey(SessionWithId("c1")));
  EXPECT_NE(Session(facts), SessionWithId("c1"));
  facts.tty = "tty2";
  EXPECT_FALSE(Session(facts).SameButKey(SessionWithId("c1")));
}

}  // namespace
}  // namespace broker
