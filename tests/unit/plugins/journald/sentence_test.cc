#include "sentence.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_kind.h"
#include "text.h"
#include "type_glob.h"
#include "usher/testing.hpp"

namespace {

using journald::EventKind;
using journald::Readable;
using journald::Word;
using testing::HasSubstr;
using testing::Not;
using usher::EventType;
using usher::testing::EventData;
using usher::testing::RawEvent;
using usher::testing::UserSession;

template <class Type, class... Session>
EventData MakeEvent(Type type, Session... session) {
  EventData event = usher::testing::MakeEvent(type, std::move(session)...);
  event.source = "logind";
  return event;
}

std::string Filled(const std::string& pattern, const EventData& event) {
  const RawEvent raw(event);
  return journald::Sentence(pattern, usher::Event(raw.raw()));
}

std::string Told(const EventData& event) {
  const RawEvent raw(event);
  const usher::Event seen(raw.raw());
  return journald::Sentence(journald::KindOf(seen.type()).sentence, seen);
}

EventData Logon(const std::string& user) {
  return MakeEvent(EventType::kSessionLogon, UserSession(user, "3"));
}

TEST(Sentence, TellsWhoLoggedOnAndWhere) {
  EventData event = Logon("anna");
  event.session->tty = "tty2";
  EXPECT_EQ(Told(event), "anna logged on at seat0 tty2, session 3");
}

TEST(Sentence, TellsWhereARemoteUserComesFrom) {
  EventData event = Logon("anna");
  event.session->remote_host = "192.0.2.17";
  EXPECT_EQ(Told(event), "anna logged on from 192.0.2.17, session 3");
}

TEST(Sentence, OfASessionThatIsGoneSaysWhoseItWas) {
  EventData event = MakeEvent(EventType::kSessionDestroyed);
  event.before = UserSession("anna", "3");
  EXPECT_EQ(Told(event), "Session 3 of anna is gone");
}

TEST(Sentence, OfAnAgentSaysWhichAndWhy) {
  EventData event = MakeEvent(EventType::kAgentExited);
  event.details = {{"agent", "tray"}, {"session", "3"}, {"code", "127"}};
  EXPECT_EQ(Told(event), "Agent tray has ended in session 3, code 127");
  event.details.emplace_back("error", "a library is missing");
  EXPECT_EQ(Told(event), "Agent tray has ended in session 3, code 127: a library is missing");
  event = MakeEvent(EventType::kAgentGaveUp);
  event.details = {{"agent", "tray"}, {"session", "3"}, {"why", "a library is missing; see ldd"}};
  EXPECT_EQ(Told(event),
            "Agent tray is tried but seldom in session 3: a library is missing; see ldd");
}

TEST(Sentence, NamesAUserWithoutANameByTheId) {
  EXPECT_EQ(Filled("{user}", Logon("")), "user 1000");
  EventData event = Logon("");
  event.session->user_id.clear();
  EXPECT_EQ(Filled("{user}", event), "nobody known");
}

TEST(Sentence, SaysThatASimulatedEventHappenedToNobody) {
  EventData event = Logon("anna");
  event.source = "simulated";
  EXPECT_THAT(Told(event), HasSubstr(" (simulated)"));
  event.origin = usher::Origin::kInjected;
  EXPECT_THAT(Told(event), HasSubstr(" (simulated, injected)"));
}

TEST(Sentence, LeavesOutWhatIsNotKnown) {
  EventData event = MakeEvent(EventType::kPluginFailed);
  event.origin = usher::Origin::kBroker;
  event.details = {{"instance", "hooks"}, {"error", "the disk is full"}};
  EXPECT_EQ(Told(event), "Plugin hooks failed: the disk is full");
  event.details = {{"instance", "hooks"}, {"call", "on_event"}, {"seq", "41"}};
  EXPECT_EQ(Told(event), "Plugin hooks failed in on_event with event 41");
  event.details.clear();
  EXPECT_EQ(Told(event), "Plugin unknown failed");
}

TEST(Sentence, SaysWhereAnEventComesFromThatNobodySawHappen) {
  EventData event = Logon("anna");
  event.origin = usher::Origin::kReconciled;
  EXPECT_EQ(Told(event), "anna logged on at seat0, session 3 (reconciled)");
  event.reason = "logind restarted";
  EXPECT_EQ(Told(event), "anna logged on at seat0, session 3 (reconciled: logind restarted)");
  event.origin = usher::Origin::kOs;
  EXPECT_EQ(Told(event), "anna logged on at seat0, session 3 (logind restarted)");
}

TEST(Sentence, OfAnUnknownTypeNamesIt) {
  EXPECT_EQ(Told(MakeEvent("org.example.door.opened")), "Event org.example.door.opened");
  EXPECT_EQ(Told(MakeEvent("session.moved", UserSession("anna", "3"))),
            "Event session.moved of session 3 of anna");
}

TEST(Sentence, OfEachTypeIsWholeWithAndWithoutASession) {
  for (const EventKind& kind : journald::EventKinds()) {
    for (const EventData& event :
         {MakeEvent(kind.type), MakeEvent(kind.type, UserSession("anna"))}) {
      EXPECT_THAT(Told(event), testing::SizeIs(testing::Ge(5U)));
      EXPECT_EQ(Told(event).find_first_of("{}[]"), std::string::npos) << Told(event);
    }
  }
}

TEST(Sentence, CannotBeForgedByANameOrAHost) {
  EventData event = Logon("anna logged off, session 3");
  event.session->remote_host = "x\"\nroot logged on";
  EXPECT_EQ(
      Told(event),
      "\"anna logged off, session 3\" logged on from \"x\\\"\\x0aroot logged on\", session 3");
}

TEST(Sentence, CannotBeForgedByAQuoteBehindABackslash) {
  EventData event = Logon("anna");
  event.session->remote_host = R"(x\", session 9; root logged on from "y)";
  EXPECT_EQ(Told(event),
            R"(anna logged on from "x\\\", session 9; root logged on from \"y", session 3)");
  event.session->remote_host = R"(DOMAIN\host)";
  EXPECT_EQ(Told(event), R"(anna logged on from DOMAIN\host, session 3)");
}

TEST(Readable, EscapesWhatATerminalObeysAndWhatNobodySees) {
  EXPECT_EQ(Readable("a\x1b[2Jb\t\x7f"), "a\\x1b[2Jb\\x09\\x7f");
  EXPECT_EQ(Readable("\u009bx\u202ey\u2066z\ufeff\u200b\u2028\u061c"),
            "\\x9bx\\u202ey\\u2066z\\ufeff\\u200b\\u2028\\u061c");
  EXPECT_EQ(Readable("a\u00adb\u206fc\u3164d\ufff9e\U000e0041f\u2060g"),
            "a\\xadb\\u206fc\\u3164d\\ufff9e\\U000e0041f\\u2060g");
  EXPECT_EQ(Readable("Jürgen Łukasz 李 🙂"), "Jürgen Łukasz 李 🙂");
}

TEST(Readable, EscapesWhatLooksLikeASpace) {
  EXPECT_EQ(Readable("a\u00a0b\u3000c\u2003d\u202fe"), "a\\xa0b\\u3000c\\u2003d\\u202fe");
  EXPECT_EQ(Word("logged\u00a0off"), "logged\\xa0off");
}

TEST(Readable, StandsTextThatEndsTooEarly) {
  EXPECT_EQ(Readable(std::string_view("a\xe2\x80\xa6").substr(0, 3)), "a\\x80");
  EXPECT_EQ(Readable("\xf0"), "\xf0");
}

TEST(Readable, CutsAtACharactersEnd) {
  const std::string cut = Readable(std::string(511, 'x') + "üüü");
  EXPECT_EQ(cut, std::string(511, 'x') + "…");
  EXPECT_EQ(Readable(std::string(512, 'x')), std::string(512, 'x'));
}

TEST(Word, IsQuotedWhereItWouldReadLikeSeveral) {
  EXPECT_EQ(Word("anna"), "anna");
  EXPECT_EQ(Word("fe80::1%eth0"), "fe80::1%eth0");
  EXPECT_EQ(Word("two words"), "\"two words\"");
  EXPECT_EQ(Word(""), "");
}

TEST(MatchesGlob, KnowsStarsAndQuestionMarks) {
  using plugins::MatchesGlob;
  EXPECT_TRUE(MatchesGlob("session.*", "session.logon"));
  EXPECT_TRUE(MatchesGlob("*", ""));
  EXPECT_TRUE(MatchesGlob("*log*", "session.logon"));
  EXPECT_TRUE(MatchesGlob("*.log?ff", "session.logoff"));
  EXPECT_TRUE(MatchesGlob("*a*b", "xaxbxb"));
  EXPECT_FALSE(MatchesGlob("session", "session.logon"));
  EXPECT_FALSE(MatchesGlob("session.logon", "session"));
  EXPECT_FALSE(MatchesGlob("?", ""));
  EXPECT_FALSE(MatchesGlob("", "x"));
  EXPECT_FALSE(MatchesGlob("*x", "session.logon"));
}

}  // namespace
