#include "presence_model.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/raw_views.h"

namespace {

using broker::testing::EmptyEvent;
using broker::testing::FakeSnapshot;
using broker::testing::UserSession;
using presence::Attachment;
using testing::ElementsAre;
using testing::IsEmpty;

usher_session RemoteSession(const char* key, const char* user) {
  usher_session session = UserSession(key, user);
  session.type = "tty";
  session.seat = "";
  session.remote = 1;
  session.remote_host = "198.51.100.7";
  return session;
}

usher_session Locked(usher_session session, usher_locked locked) {
  session.locked = locked;
  return session;
}

/// The same session switched away.
usher_session InBackground(usher_session session) {
  session.state = USHER_SESSION_ONLINE;
  session.active = 0;
  return session;
}

class ThePresenceModel : public testing::Test {
 protected:
  void Begin(uint64_t as_of_seq, std::vector<usher_session> sessions) {
    const FakeSnapshot snapshot(as_of_seq, std::move(sessions));
    model_.Take(usher::Snapshot(snapshot.raw()));
  }

  bool Take(usher_event_type type, const usher_session& session, uint64_t seq = 0) {
    usher_event event = EmptyEvent(type, "", seq == 0 ? ++seq_ : seq);
    event.session = &session;
    event.origin = origin_;
    return model_.Take(usher::Event(event));
  }

  std::vector<std::string> Users() {
    std::vector<std::string> users;
    for (const presence::Logon& logon : model_.Current().logons) users.push_back(logon.user);
    return users;
  }

  presence::PresenceModel model_;
  uint64_t seq_ = 100;
  usher_origin origin_ = USHER_ORIGIN_OS;
};

TEST_F(ThePresenceModel, KnowsNobodyAtFirst) {
  EXPECT_FALSE(model_.Current().AnybodyLoggedOn());
  EXPECT_FALSE(model_.Current().AnybodyAtTheMachine());
}

TEST_F(ThePresenceModel, BeginsWithTheSnapshot) {
  Begin(50, {UserSession("a", "anna"), RemoteSession("b", "bert")});
  EXPECT_THAT(Users(), ElementsAre("anna", "bert"));
  EXPECT_EQ(model_.Current().as_of_seq, 50U);
  EXPECT_EQ(model_.Current().time_us, 1'700'000'000'000'050);
  EXPECT_EQ(model_.Current().logons[0].at, Attachment::kConsole);
  EXPECT_EQ(model_.Current().logons[1].at, Attachment::kRemote);
  EXPECT_EQ(model_.Current().logons[1].remote_host, "198.51.100.7");
}

TEST_F(ThePresenceModel, ForgetsEverythingAtASecondSnapshot) {
  Begin(50, {UserSession("a", "anna")});
  Begin(60, {UserSession("b", "bert")});
  EXPECT_THAT(Users(), ElementsAre("bert"));
}

TEST_F(ThePresenceModel, CountsUsersOnly) {
  usher_session greeter = UserSession("g", "gdm");
  greeter.session_class = "greeter";
  usher_session manager = UserSession("m", "anna");
  manager.session_class = "manager";
  usher_session early = UserSession("e", "eve");
  early.session_class = "user-early";
  usher_session opening = UserSession("o", "otto");
  opening.state = USHER_SESSION_OPENING;
  usher_session closing = UserSession("c", "carl");
  closing.state = USHER_SESSION_CLOSING;
  Begin(50, {greeter, manager, early, opening, closing});
  EXPECT_THAT(Users(), ElementsAre("eve"));
}

TEST_F(ThePresenceModel, FollowsALogonAndALogoff) {
  usher_session session = UserSession("a", "anna");
  session.state = USHER_SESSION_OPENING;
  EXPECT_FALSE(Take(USHER_EVENT_SESSION_CREATED, session));
  session.state = USHER_SESSION_ACTIVE;
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_LOGON, session));
  EXPECT_THAT(Users(), ElementsAre("anna"));
  EXPECT_TRUE(model_.Current().AnybodyAtTheMachine());
  session.state = USHER_SESSION_CLOSING;
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_LOGOFF, session));
  EXPECT_FALSE(model_.Current().AnybodyLoggedOn());
  EXPECT_FALSE(Take(USHER_EVENT_SESSION_DESTROYED, session));
}

TEST_F(ThePresenceModel, EndsTheLogonWhateverStateALogoffCarries) {
  Begin(50, {UserSession("a", "anna"), UserSession("b", "bert")});
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_LOGOFF, UserSession("a", "anna")));
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_DESTROYED, UserSession("b", "bert")));
  EXPECT_THAT(Users(), IsEmpty());
}

TEST_F(ThePresenceModel, TakesALockedScreenForAnEmptyChair) {
  const usher_session session = UserSession("a", "anna");
  Begin(50, {session});
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_LOCKED, Locked(session, USHER_LOCKED_YES)));
  EXPECT_TRUE(model_.Current().AnybodyLoggedOn());
  EXPECT_FALSE(model_.Current().AnybodyAtTheMachine());
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_UNLOCKED, session));
  EXPECT_TRUE(model_.Current().AnybodyAtTheMachine());
}

TEST_F(ThePresenceModel, TakesAnUnknownLockForSomebodyPresent) {
  Begin(50, {Locked(UserSession("a", "anna"), USHER_LOCKED_UNKNOWN)});
  EXPECT_TRUE(model_.Current().AnybodyAtTheMachine());
  EXPECT_EQ(model_.Current().logons[0].locked, usher::Locked::kUnknown);
}

TEST_F(ThePresenceModel, FollowsAFastUserSwitch) {
  const usher_session anna = UserSession("a", "anna");
  const usher_session bert = UserSession("b", "bert");
  Begin(50, {anna, InBackground(bert)});
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_DISCONNECTED, InBackground(anna)));
  EXPECT_FALSE(model_.Current().AnybodyAtTheMachine()) << "nobody is in the foreground between";
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_CONNECTED, Locked(bert, USHER_LOCKED_YES)));
  EXPECT_FALSE(model_.Current().AnybodyAtTheMachine());
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_UNLOCKED, bert));
  EXPECT_TRUE(model_.Current().AnybodyAtTheMachine());
  EXPECT_EQ(model_.Current().logons[0].at, Attachment::kNone);
}

TEST_F(ThePresenceModel, TakesARemoteUserForSomebodyAtTheMachine) {
  Begin(50, {RemoteSession("r", "rosa")});
  EXPECT_TRUE(model_.Current().AnybodyAtTheMachine());
  Begin(51, {InBackground(RemoteSession("r", "rosa"))});
  EXPECT_FALSE(model_.Current().AnybodyAtTheMachine()) << "disconnected, still logged on";
  EXPECT_TRUE(model_.Current().AnybodyLoggedOn());
}

TEST_F(ThePresenceModel, SeesNobodyBeforeASessionWithoutASeat) {
  usher_session session = UserSession("s", "sam");
  session.seat = "";
  Begin(50, {session});
  EXPECT_TRUE(model_.Current().AnybodyLoggedOn());
  EXPECT_FALSE(model_.Current().AnybodyAtTheMachine());
}

TEST_F(ThePresenceModel, IgnoresWhatTheSnapshotIncludes) {
  Begin(200, {UserSession("a", "anna")});
  EXPECT_FALSE(Take(USHER_EVENT_SESSION_LOGOFF, UserSession("a", "anna"), 150));
  EXPECT_FALSE(Take(USHER_EVENT_SESSION_LOGOFF, UserSession("a", "anna"), 200));
  EXPECT_THAT(Users(), ElementsAre("anna"));
  EXPECT_EQ(model_.Current().as_of_seq, 200U);
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_LOGOFF, UserSession("a", "anna"), 201));
}

TEST_F(ThePresenceModel, IgnoresWhatNoSystemReported) {
  Begin(50, {UserSession("a", "anna")});
  for (const usher_origin origin : {USHER_ORIGIN_INJECTED, USHER_ORIGIN_PLUGIN}) {
    origin_ = origin;
    EXPECT_FALSE(Take(USHER_EVENT_SESSION_LOGOFF, UserSession("a", "anna")));
  }
  origin_ = USHER_ORIGIN_RECONCILED;
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_LOGOFF, UserSession("a", "anna")));
}

TEST_F(ThePresenceModel, SaysThatNothingChangedWhenNothingDid) {
  const usher_session session = UserSession("a", "anna");
  Begin(50, {session});
  EXPECT_FALSE(Take(USHER_EVENT_CONSOLE_SWITCHED, session));
  EXPECT_FALSE(model_.Take(
      usher::Event(EmptyEvent(USHER_EVENT_CONSOLE_SWITCHED, "console.switched", ++seq_))));
  EXPECT_EQ(model_.Current().as_of_seq, seq_) << "it is known to be so as of the last event";
}

TEST_F(ThePresenceModel, KeepsSessionsApartWhoseIdIsReused) {
  usher_session first = UserSession("boot-c1-10", "anna");
  usher_session second = UserSession("boot-c1-20", "bert");
  first.id = second.id = "c1";
  Begin(50, {first});
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_LOGON, second));
  EXPECT_TRUE(Take(USHER_EVENT_SESSION_DESTROYED, first));
  EXPECT_THAT(Users(), ElementsAre("bert"));
}

TEST_F(ThePresenceModel, ListsTheLongestLoggedOnFirst) {
  usher_session late = UserSession("a", "late");
  late.logon_time_us += 10;
  Begin(50, {late, UserSession("b", "early")});
  EXPECT_THAT(Users(), ElementsAre("early", "late"));
}

}  // namespace
