#include "usherctl/event_line.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "event/text.h"
#include "tests/unit/usherctl/events.h"

namespace broker {
namespace {

using testing::AlicesSession;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::SessionEvent;

TEST(AnEventLine, SaysWhenWhatWhoAndWhere) {
  EXPECT_EQ(EventLine(SessionEvent(EventType::kSessionLogon, AlicesSession()), false),
            "08:00:12.123456  session.logon         alice       session 2    seat0 tty2");
  EXPECT_EQ(DayOf(SessionEvent(EventType::kSessionLogon, AlicesSession())), "2026-05-04");
}

TEST(AnEventLine, ShowsTheRemoteHost) {
  SessionFacts session = AlicesSession().Facts();
  session.seat.clear();
  session.remote = true;
  session.remote_host = "192.0.2.7";
  EXPECT_THAT(EventLine(SessionEvent(EventType::kSessionLogon, session), false),
              EndsWith("session 2    from 192.0.2.7"));
}

TEST(AnEventLine, NeedsNoSession) {
  Event event = MakeBrokerEvent(EventType::kBrokerStarted, {testing::kMorning, 0},
                                {{"version", "0.1.0"}, {"clean", "yes"}});
  EXPECT_EQ(EventLine(event, false),
            "08:00:12.123456  broker.started        (broker)  version=0.1.0  clean=yes");
}

TEST(AnEventLine, ShowsTheSessionThatWas) {
  Event event = SessionEvent(EventType::kSessionDestroyed, AlicesSession());
  std::swap(event.session, event.before);
  EXPECT_THAT(EventLine(event, false), HasSubstr("alice       session 2"));
}

TEST(AnEventLine, NamesTheOriginUnlessItIsTheSystem) {
  Event event = SessionEvent(EventType::kSessionLogoff, AlicesSession());
  EXPECT_THAT(EventLine(event, false), ::testing::Not(HasSubstr("(")));
  event.origin = Origin::kReconciled;
  event.reason = "boot";
  EXPECT_THAT(EventLine(event, false), EndsWith("seat0 tty2  (reconciled)  reason=boot"));
}

TEST(AnEventLine, QuotesValuesThatWouldRunTogether) {
  Event event = MakeBrokerEvent(EventType::kConsoleSwitched, {testing::kMorning, 0},
                                {{"from", "2"}, {"to", ""}, {"why", "a b"}});
  EXPECT_THAT(EventLine(event, false), EndsWith("from=2  to=\"\"  why=\"a b\""));
}

TEST(AnEventLine, ShowsATypeThatHasNoNumber) {
  Event event;
  event.type_name = "org.example.door.opened";
  event.time.realtime_us = testing::kMorning;
  EXPECT_EQ(EventLine(event, false), "08:00:12.123456  org.example.door.opened");
}

TEST(AnEventLine, FallsBackToTheUserId) {
  SessionFacts session = AlicesSession().Facts();
  session.user.clear();
  EXPECT_THAT(EventLine(SessionEvent(EventType::kSessionLogon, session), false),
              HasSubstr("  1000        session 2"));
}

TEST(AnEventLine, StaysOneLineOfBoundedWidthWhateverTheNamesAre) {
  SessionFacts session = AlicesSession().Facts();
  session.user = "a\"\n\x1b[2J" + std::string(10'000, 'x');
  session.id = "\r\n2";
  session.seat = std::string(10'000, 's');
  session.tty = "\xe2\x80\xae";
  Event event = SessionEvent(EventType::kSessionLogon, session);
  event.details = {{std::string(10'000, 'k'), std::string(10'000, 'v')}, {"host", "a\nb"}};
  const std::string line = EventLine(event, false);
  EXPECT_EQ(line.find_first_of("\r\n\x1b"), std::string::npos);
  EXPECT_LT(Columns(line), 600U);
}

TEST(AnEventLine, IsRedWhereSomebodyMustAct) {
  const Event failed = MakeBrokerEvent(EventType::kPluginFailed, {testing::kMorning, 0});
  EXPECT_THAT(EventLine(failed, true), HasSubstr("\x1b[31mplugin.failed"));
  const Event logon = SessionEvent(EventType::kSessionLogon, AlicesSession());
  EXPECT_THAT(EventLine(logon, true), HasSubstr("  session.logon  "));
}

}  // namespace
}  // namespace broker
