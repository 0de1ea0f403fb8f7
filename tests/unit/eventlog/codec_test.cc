#include "eventlog/codec.h"

#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event/text.h"
#include "event/utc.h"
#include "eventlog/format.h"
#include "eventlog/json_pen.h"
#include "eventlog/json_text.h"
#include "eventlog/line.h"
#include "tests/unit/eventlog/full_session.h"

namespace broker {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

Event FullEvent() {
  Event event;
  event.seq = 18'446'744'073'709'551'615U;
  event.time = {1'795'200'513'123'456, 987'654'321};
  event.type = EventType::kSessionLocked;
  event.origin = Origin::kReconciled;
  event.source = "logind";
  event.cause = 41;
  event.chain = 7;
  event.reason = "resync";
  event.session = std::make_shared<Session>(FullSession());
  Session before = FullSession();
  before.locked = Locked::kNo;
  before.state = SessionState::kOpening;
  event.before = std::make_shared<Session>(before);
  event.details = {{"zulu", "1"}, {"alpha", ""}, {"mike", "two words"}};
  return event;
}

std::string Encode(const Event& event) {
  std::string line;
  EncodeEvent(line, event);
  return line;
}

Event Decode(std::string_view line) {
  auto event = DecodeEvent(line);
  EXPECT_TRUE(event.ok()) << event.status().message() << "\n" << line.substr(0, 1000);
  return event.ok() ? std::move(event).value() : Event{};
}

void ExpectSame(const Event& a, const Event& b) {
  EXPECT_EQ(a.seq, b.seq);
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.type_name, b.type_name);
  EXPECT_EQ(a.origin, b.origin);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.cause, b.cause);
  EXPECT_EQ(a.chain, b.chain);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.details, b.details);
  ASSERT_EQ(a.session == nullptr, b.session == nullptr);
  ASSERT_EQ(a.before == nullptr, b.before == nullptr);
  if (a.session) {
    EXPECT_EQ(*a.session, *b.session);
  }
  if (a.before) {
    EXPECT_EQ(*a.before, *b.before);
  }
}

TEST(AnEvent, IsOneLineWithItsMembersInOrder) {
  Event event;
  event.seq = 42;
  event.time = {1'795'200'513'123'456, 5'000'000};
  event.type = EventType::kSessionLogon;
  event.source = "simulated";
  SessionFacts session;
  session.id = "1";
  session.user = "ada \"the first\"\n";
  session.seat = "seat0";
  session.active = true;
  session.state = SessionState::kActive;
  session.logon_time_us = 1'795'200'513'000'000;
  event.session = std::make_shared<const Session>(session);
  event.details = {{"via", "console"}};
  EXPECT_EQ(Encode(event),
            R"({"seq":42,"time":"2026-11-20T18:48:33.123456Z","mono":5000000,)"
            R"("type":"session.logon","origin":"os","source":"simulated",)"
            R"("session":{"id":"1","user":"ada \"the first\"\n","seat":"seat0","active":true,)"
            R"("state":"active","locked":"no","logon_time":"2026-11-20T18:48:33.000000Z"},)"
            R"("details":{"via":"console"},"sum":"bbb98c399b723ea4"})");
}

TEST(AnEvent, ComesBackWithEveryField) {
  const Event event = FullEvent();
  ExpectSame(Decode(Encode(event)), event);
}

TEST(AnEvent, HasTheLengthOfItsChainBehindItsCause) {
  Event event = FullEvent();
  EXPECT_THAT(Encode(event), HasSubstr(R"("cause":41,"chain":7,"reason")"));
  event.chain = 0;
  EXPECT_THAT(Encode(event), Not(HasSubstr("chain")));
}

TEST(AnEvent, ComesBackWithNoFieldButTheNumber) {
  Event event;
  event.seq = 1;
  ExpectSame(Decode(Encode(event)), event);
}

TEST(AnEvent, ComesBackWithTimesBefore1970AndNegativeClocks) {
  Event event;
  event.seq = 1;
  event.time = {-1, -9'223'372'036'854'775'807 - 1};
  ExpectSame(Decode(Encode(event)), event);
}

TEST(AnEvent, KeepsATypeThatThisVersionHasNoNumberFor) {
  Event event;
  event.seq = 1;
  event.type_name = "org.example.door.opened";
  const std::string line = Encode(event);
  EXPECT_THAT(line, HasSubstr(R"("type":"org.example.door.opened")"));
  ExpectSame(Decode(line), event);
}

TEST(AnEvent, ComesBackOfEveryTypeAndOrigin) {
  for (int32_t type = 1; type < static_cast<int32_t>(EventType::kCount); ++type) {
    for (int32_t origin = 0; origin <= static_cast<int32_t>(Origin::kRecorded); ++origin) {
      Event event;
      event.seq = 1;
      event.type = static_cast<EventType>(type);
      event.origin = static_cast<Origin>(origin);
      ExpectSame(Decode(Encode(event)), event);
    }
  }
}

TEST(AText, ComesBackWithQuotesNewlinesAndEveryControlCharacter) {
  Event event = FullEvent();
  std::string text = "\"\\/\x7f";
  for (char c = 0; c < 0x20; ++c) text.push_back(c);
  event.reason = text;
  event.details = {{text, text}};
  const std::string line = Encode(event);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  ExpectSame(Decode(line), event);
}

TEST(AText, ComesBackInAnyScript) {
  Event event = FullEvent();
  event.reason = "Grüße, мир, 你好, 🙂, \u2028, e\u0301, \u202E";
  ExpectSame(Decode(Encode(event)), event);
}

TEST(AText, ComesBackWithTenThousandBytes) {
  Event event = FullEvent();
  SessionFacts session = FullSession().Facts();
  session.user = std::string(10'000, 'u') + "\n" + std::string(1'000, '"');
  event.session = std::make_shared<Session>(session);
  ExpectSame(Decode(Encode(event)), event);
}

TEST(AText, ThatIsNoUtf8IsWrittenAsText) {
  Event event = FullEvent();
  event.reason = "a\xff\xc0\x80\n";
  const std::string line = Encode(event);
  EXPECT_TRUE(IsUtf8(line));
  EXPECT_EQ(Decode(line).reason, "a\\xFF\\xC0\\x80\n");
}

TEST(AText, IsCutWhereItIsLongerThanAnyTextMayBe) {
  Event event = FullEvent();
  event.reason = std::string(kMaxTextBytes + 1, 'r');
  const std::string reason = Decode(Encode(event)).reason;
  EXPECT_LE(reason.size(), kMaxTextBytes);
  EXPECT_THAT(reason, EndsWith("…"));
}

TEST(ALine, NeverBecomesTooLongToBeRead) {
  Event event = FullEvent();
  SessionFacts session = FullSession().Facts();
  session.user = session.seat = session.tty = session.display = std::string(20'000, '\x01');
  session.id = session.key = session.type = session.remote_host = session.user;
  event.session = event.before = std::make_shared<Session>(session);
  event.details.clear();
  for (int i = 0; i < 300; ++i) event.details.emplace_back(std::to_string(i), session.user);
  const std::string line = Encode(event);
  EXPECT_LE(line.size(), kMaxLineBytes);
  EXPECT_TRUE(HasValidSum(line));
  EXPECT_EQ(Decode(line).details.size(), kMaxDetails);
}

TEST(ADetail, WhoseKeyCameBeforeIsLeftOut) {
  Event event = FullEvent();
  event.details = {{"a", "1"}, {"a", "2"}, {"b", "3"}};
  const Details expected{{"a", "1"}, {"b", "3"}};
  EXPECT_EQ(Decode(Encode(event)).details, expected);
}

TEST(AnEvent, MayHaveMembersOfALaterMinorVersion) {
  const Event event = Decode(
      R"({"seq":7,"time":"2026-11-20T18:48:33.123456Z","mood":{"deep":[1,2.5,null,{"id":"9"}],"seq":9},)"
      R"("type":"session.logon","session":{"id":"1","shoe":44,"sole":{"id":"8","seq":[]}},"sum":"x"})");
  EXPECT_EQ(event.seq, 7U);
  EXPECT_EQ(event.session->Id(), "1");
}

TEST(AnEvent, MayHaveItsMembersInAnyOrder) {
  const Event event =
      Decode(R"({"details":{"b":"2","a":"1"},"session":{"active":true,"id":"1"},"mono":5,)"
             R"("type":"session.logon","time":"2026-11-20T18:48:33.123456Z","seq":7})");
  EXPECT_EQ(event.seq, 7U);
  EXPECT_EQ(event.type, EventType::kSessionLogon);
  EXPECT_EQ(event.time.monotonic_us, 5);
  EXPECT_EQ(event.session->Id(), "1");
  EXPECT_TRUE(event.session->active);
  const Details details{{"b", "2"}, {"a", "1"}};
  EXPECT_EQ(event.details, details);
}

TEST(ALine, ThatIsNoEventIsRefusedWithTheReason) {
  const std::string start = R"({"seq":1,"time":"2026-11-20T18:48:33.123456Z")";
  const std::vector<std::pair<std::string, std::string>> lines{
      {"", "not JSON"},
      {"{", "not JSON"},
      {std::string(100'000, '['), "not JSON"},
      {"[1]", "not a JSON object"},
      {R"({"time":"2026-11-20T18:48:33.123456Z"})", "'seq' is missing"},
      {R"({"seq":0,"time":"2026-11-20T18:48:33.123456Z"})", "'seq' is zero"},
      {R"({"seq":-1,"time":"2026-11-20T18:48:33.123456Z"})", "'seq' is not a positive integer"},
      {R"({"seq":1.0,"time":"2026-11-20T18:48:33.123456Z"})", "'seq' is not a positive integer"},
      {R"({"seq":1})", "'time' is missing"},
      {R"({"seq":1,"time":"yesterday"})", "'time' is not a time"},
      {R"({"seq":1,"time":1})", "'time' is not a time"},
      {start + R"(,"mono":"1"})", "'mono' is not an integer"},
      {start + R"(,"mono":9223372036854775808})", "'mono' is not an integer"},
      {start + R"(,"type":1})", "'type' is not a text"},
      {start + R"(,"origin":"elsewhere"})", "'origin' is an unknown value"},
      {start + R"(,"session":[]})", "'session' is not an object"},
      {start + R"(,"session":{"active":1}})", "in 'session': 'active' is neither true nor false"},
      {start + R"(,"before":{"state":"asleep"}})", "in 'before': 'state' is an unknown value"},
      {start + R"(,"details":{"a":1}})", "'details' is not an object of texts"},
  };
  for (const auto& [line, reason] : lines) {
    const auto event = DecodeEvent(line);
    ASSERT_FALSE(event.ok()) << line.substr(0, 200);
    EXPECT_EQ(event.status().code(), StatusCode::kCorrupt);
    EXPECT_THAT(event.status().message(), HasSubstr(reason)) << line.substr(0, 200);
  }
}

// The value that xxHash's own tests give for no input and seed 0.
TEST(TheChecksum, IsXxh3OfSixtyFourBits) {
  EXPECT_EQ(LineSum(""), 0x2d06800538d394c2U);
}

TEST(ALine, WithAnyByteChangedFailsItsChecksum) {
  const std::string line = Encode(FullEvent());
  ASSERT_TRUE(HasValidSum(line));
  for (size_t i = 0; i < line.size(); ++i) {
    std::string damaged = line;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x01);
    EXPECT_FALSE(HasValidSum(damaged)) << "byte " << i;
    EXPECT_FALSE(HasValidSum(line.substr(0, i))) << "cut at " << i;
  }
}

TEST(RandomBytes, NeverBreakTheDecoder) {
  std::mt19937 random(20261120);
  const std::string line = Encode(FullEvent());
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = line;
    for (int change = 0; change < 1 + round % 5; ++change) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    damaged.resize(damaged.size() - random() % 3 * (random() % damaged.size()) / 2);
    EXPECT_FALSE(damaged != line && HasValidSum(damaged));
    static_cast<void>(DecodeEvent(damaged).ok());
    static_cast<void>(DecodeHeader(damaged).ok());
    static_cast<void>(PeekSeq(damaged));
    static_cast<void>(PeekHead(damaged));
  }
}

TEST(ANumber, IsSeenAtTheStartOfALineWithoutDecodingIt) {
  EXPECT_EQ(PeekSeq(Encode(FullEvent())), 18'446'744'073'709'551'615U);
  EXPECT_EQ(PeekSeq(R"({"seq":12,rubbish)"), 12U);
  for (const char* line : {"", "{", R"({"seq":)", R"({"seq":12)", R"({"seq":0,)", R"({"seq":-1,)",
                           R"({"seq":18446744073709551616,)", R"( {"seq":1,)", R"({"time":1,)"}) {
    EXPECT_FALSE(PeekSeq(line)) << line;
  }
}

TEST(AHead, IsSeenAtTheStartOfALineWithoutDecodingIt) {
  Event event = FullEvent();
  for (const int64_t mono : {int64_t{987'654'321}, int64_t{0}, int64_t{-5}}) {
    event.time.monotonic_us = mono;
    const std::string line = Encode(event);
    const auto head = PeekHead(line);
    ASSERT_TRUE(head) << line;
    EXPECT_EQ(head->seq, event.seq);
    EXPECT_EQ(head->time, "2026-11-20T18:48:33.123456Z");
    EXPECT_EQ(head->type, "session.locked");
  }
}

TEST(AHead, IsNotSeenWhereItIsNotTheUsualOne) {
  for (const char* line :
       {"", "{", R"({"seq":1)", R"({"seq":0,"time":"2026-11-20T18:48:33.123456Z","type":"a"})",
        R"({"seq":1,"time":"2026-11-20T18:48:33.123456Z")",
        R"({"seq":1,"time":"2026-11-20T18:48:33.123456Z","origin":"os"})",
        R"({"seq":1,"time":"2026-11-20T18:48:33.12345Z","type":"a"})",
        R"({"seq":1,"time":"2026-11-20T18:48:33.123456Z","type":"a\"b"})",
        R"({"seq":1,"time":"2026-11-20T18:48:33.123456Z","type":"a)",
        R"({"seq":1,"type":"a","time":"2026-11-20T18:48:33.123456Z"})"}) {
    EXPECT_FALSE(PeekHead(line)) << line;
  }
}

TEST(TimesThatAreWrittenInARow, AreAllRight) {
  constexpr int64_t kSecond = 1'000'000;
  std::string out;
  std::string expected;
  {
    JsonPen pen(out);
    for (const int64_t time_us :
         {int64_t{0}, 7 * kSecond + 5, 7 * kSecond + 999'999, 8 * kSecond, 8 * kSecond + 120,
          7 * kSecond, int64_t{-1}, int64_t{-2}, 7 * kSecond + 1,
          std::numeric_limits<int64_t>::max(), 253'402'300'799'999'998, 253'402'300'800'000'000,
          std::numeric_limits<int64_t>::min()}) {
      pen.Utc(time_us);
      expected += '"' + FormatUtc(time_us) + '"';
    }
  }
  EXPECT_EQ(out, expected);
}

}  // namespace
}  // namespace broker
