#include "record.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plugins/journald/fake_journal.h"
#include "usher/testing.hpp"

namespace {

using journald::DetailName;
using journald::Settings;
using journald::testing::Decode;
using journald::testing::Fields;
using testing::IsSupersetOf;
using testing::Pair;
using usher::EventType;
using usher::testing::EventData;
using usher::testing::MakeEvent;
using usher::testing::RawEvent;
using usher::testing::UserSession;

Fields Described(const EventData& event, const Settings& settings = {}) {
  const RawEvent raw(event);
  const auto fields = Decode(Describe(usher::Event(raw.raw()), settings).bytes());
  EXPECT_TRUE(fields);
  return fields.value_or(Fields());
}

EventData Logon() {
  EventData event = MakeEvent(EventType::kSessionLogon, UserSession("anna", "3"));
  event.seq = 42;
  event.realtime_us = 1'772'352'900'000'001;
  event.monotonic_us = 7'000'000;
  event.source = "logind";
  event.session->tty = "tty2";
  return event;
}

TEST(Record, HasAFieldForEachFact) {
  EXPECT_THAT(
      Described(Logon()),
      testing::UnorderedElementsAre(
          Pair("MESSAGE", "anna logged on at seat0 tty2, session 3"),
          Pair("MESSAGE_ID", journald::KindOf(EventType::kSessionLogon).message_id),
          Pair("PRIORITY", "5"), Pair("SYSLOG_FACILITY", "10"), Pair("SYSLOG_IDENTIFIER", "usher"),
          Pair("USHER_TYPE", "session.logon"), Pair("USHER_SEQ", "42"),
          Pair("USHER_TIME", "2026-03-01T08:15:00.000001Z"), Pair("USHER_MONOTONIC", "7000000"),
          Pair("USHER_BOOT_ID", "b00000000000000000000000000000b0"), Pair("USHER_ORIGIN", "os"),
          Pair("USHER_SOURCE", "logind"), Pair("SESSION_ID", "3"), Pair("USER_ID", "anna"),
          Pair("USHER_SESSION", "3"), Pair("USHER_SESSION_KEY", "boot-3"),
          Pair("USHER_USER", "anna"), Pair("USHER_UID", "1000"), Pair("USHER_CLASS", "user"),
          Pair("USHER_SESSION_TYPE", "wayland"), Pair("USHER_STATE", "active"),
          Pair("USHER_LOCKED", "no"), Pair("USHER_ACTIVE", "1"), Pair("USHER_SEAT", "seat0"),
          Pair("USHER_TTY", "tty2"), Pair("USHER_LOGON_TIME", "2023-11-14T22:13:20.000000Z")));
}

TEST(Record, HasTheDetailsTheCauseAndWhatElseThereIs) {
  EventData event = MakeEvent(EventType::kPluginFailed);
  event.cause = 41;
  event.origin = usher::Origin::kBroker;
  event.reason = "why not";
  event.flags = USHER_FLAG_REDELIVERED | USHER_FLAG_UNLOGGED;
  event.details = {{"instance", "hooks"}, {"exit-code", "3"}};
  EXPECT_THAT(Described(event),
              IsSupersetOf({Pair("USHER_CAUSE", "41"), Pair("USHER_ORIGIN", "broker"),
                            Pair("USHER_REASON", "why not"), Pair("USHER_REDELIVERED", "1"),
                            Pair("USHER_UNLOGGED", "1"), Pair("USHER_DETAIL_INSTANCE", "hooks"),
                            Pair("USHER_DETAIL_EXIT_CODE", "3"), Pair("PRIORITY", "3"),
                            Pair("SYSLOG_FACILITY", "3")}));
}

TEST(Record, OfASessionThatIsGoneHasItAsItWas) {
  EventData event = MakeEvent(EventType::kSessionDestroyed);
  event.before = UserSession("anna", "3");
  EXPECT_THAT(Described(event),
              IsSupersetOf({Pair("USHER_SESSION", "3"), Pair("USHER_UID", "1000")}));
}

TEST(Record, TakesAnyValueAsItIs) {
  EventData event = Logon();
  event.session->remote_host = "a\nMESSAGE=forged\n\x1b[2J";
  const Fields fields = Described(event);
  EXPECT_EQ(fields.find("USHER_REMOTE_HOST")->second, event.session->remote_host);
  EXPECT_EQ(fields.count("MESSAGE"), 1);
  EXPECT_EQ(fields.find("MESSAGE")->second,
            "anna logged on from a\\x0aMESSAGE=forged\\x0a\\x1b[2J, session 3");
}

TEST(Record, HasTheStoredLineWhereItIsAskedFor) {
  EXPECT_EQ(Described(Logon()).count("USHER_EVENT"), 0);
  Settings settings;
  settings.event_json = true;
  EXPECT_EQ(Described(Logon(), settings).find("USHER_EVENT")->second, "{}");
}

TEST(Record, HasTheIdentifierAndThePriorityOfTheConfiguration) {
  Settings settings;
  settings.identifier = "door";
  settings.priorities.at(2) = {"session.log*"};
  settings.priorities.at(7) = {"session.*"};
  EXPECT_THAT(Described(Logon(), settings),
              IsSupersetOf({Pair("SYSLOG_IDENTIFIER", "door"), Pair("PRIORITY", "2")}));
}

TEST(Record, OfATypeWithoutANumberHasAnIdToo) {
  EXPECT_THAT(Described(MakeEvent("org.example.door.opened")),
              IsSupersetOf({Pair("MESSAGE_ID", journald::EventKinds().front().message_id),
                            Pair("USHER_TYPE", "org.example.door.opened")}));
}

TEST(DetailName, IsOneThatTheJournalTakes) {
  EXPECT_EQ(DetailName("from"), "USHER_DETAIL_FROM");
  EXPECT_EQ(DetailName("Exit code=ü"), "USHER_DETAIL_EXIT_CODE___");
  EXPECT_EQ(DetailName(std::string(200, 'x')).size(), 64);
}

}  // namespace
