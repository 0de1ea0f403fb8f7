#include <array>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "event/text.h"
#include "eventlog/codec.h"
#include "eventlog/format.h"
#include "eventlog/line.h"

namespace broker {
namespace {

constexpr int kEvents = 1000;

/// Makes events of every shape.
class EventMaker {
 public:
  Event Next() {
    Event event;
    event.seq = ++seq_;
    event.time = {Number(253'402'300'799'999'999), Maybe() ? Number(1'000'000'000'000) : 0};
    event.type = static_cast<EventType>(Number(static_cast<int64_t>(EventType::kCount) - 1));
    if (event.type == EventType::kUnknown) event.type_name = "org.example.Door-2.opened";
    event.origin = static_cast<Origin>(Number(static_cast<int64_t>(Origin::kRecorded)));
    event.source = Text();
    event.cause = Maybe() ? static_cast<Seq>(1 + Number(1000)) : 0;
    event.chain = event.cause != 0 ? static_cast<uint32_t>(Number(8)) : 0;
    event.reason = Text();
    if (Maybe()) event.session = NextSession();
    if (Maybe()) event.before = NextSession();
    AddDetails(event);
    return event;
  }

 private:
  bool Maybe() { return random_() % 2 == 0; }
  int64_t Number(int64_t greatest) {
    return static_cast<int64_t>(random_() % (static_cast<uint64_t>(greatest) + 1));
  }

  std::string Text() {
    static const std::array<std::string, 11> kPieces{"seat0", " ", "\"",   "\\",   "\n",    "\x01",
                                                     "\x7f",  "é", "🙂", "\xff", "\u2028"};
    std::string text;
    for (auto left = Number(6); left > 0; --left) {
      text += kPieces[static_cast<size_t>(Number(kPieces.size() - 1))];
    }
    if (random_() % 50 == 0) text.append(kMaxTextBytes, 'x');
    return text;
  }

  SessionRef NextSession() {
    SessionFacts session;
    for (std::string* text :
         {&session.id, &session.key, &session.user, &session.user_id, &session.session_class,
          &session.type, &session.seat, &session.tty, &session.display, &session.remote_host}) {
      *text = Text();
    }
    session.created_us = Number(1'000'000'000);
    session.logon_time_us = Maybe() ? Number(2'000'000'000'000'000) : 0;
    session.state = static_cast<SessionState>(Number(3));
    session.locked = static_cast<Locked>(Number(2));
    session.active = Maybe();
    session.remote = Maybe();
    return std::make_shared<const Session>(session);
  }

  void AddDetails(Event& event) {
    const bool of_numbers =
        event.type == EventType::kLogGap || event.type == EventType::kPluginSkipped;
    if (of_numbers) event.details = {{"from", "7"}, {"to", "12"}};
    for (auto left = Number(4); left > 0; --left) event.details.emplace_back(Text(), Text());
  }

  std::mt19937_64 random_{20261120};
  Seq seq_ = 0;
};

std::string AsStored(const std::string& text) {
  return ToUtf8(text, kMaxTextBytes);
}

// Lines that come back are also held against the schema, by the test event_schema.check_events.
TEST(RandomEvents, ComeBackAsTheyWere) {
  std::ofstream file(USHER_RANDOM_EVENTS, std::ios::binary | std::ios::trunc);
  EventMaker maker;
  for (int i = 0; i < kEvents; ++i) {
    const Event event = maker.Next();
    std::string line;
    EncodeEvent(line, event);
    const auto decoded = DecodeEvent(line);
    ASSERT_TRUE(decoded.ok()) << decoded.status().message() << "\n" << line;
    ASSERT_TRUE(HasValidSum(line));
    EXPECT_EQ(decoded->seq, event.seq);
    EXPECT_EQ(decoded->time, event.time);
    EXPECT_EQ(decoded->TypeName(), event.TypeName());
    EXPECT_EQ(decoded->origin, event.origin);
    EXPECT_EQ(decoded->cause, event.cause);
    EXPECT_EQ(decoded->chain, event.chain);
    EXPECT_EQ(decoded->reason, AsStored(event.reason));
    ASSERT_EQ(decoded->session != nullptr, event.session != nullptr);
    if (event.session != nullptr) {
      EXPECT_EQ(decoded->session->User(), AsStored(std::string(event.session->User())));
    }
    file << line << '\n';
  }
  EXPECT_TRUE(file.flush()) << "cannot write " USHER_RANDOM_EVENTS;
}

}  // namespace
}  // namespace broker
