#include "eventlog/session_fold.h"

#include <array>
#include <random>

#include <gtest/gtest.h>

#include "eventlog/codec.h"

namespace broker {
namespace {

constexpr int kHistories = 200;
constexpr int kEvents = 60;

std::string LineOf(const Event& event) {
  std::string line;
  EncodeEvent(line, event);
  return line;
}

/// Histories of a few sessions whose ids come back, as nobody would live them.
class HistoryMaker {
 public:
  explicit HistoryMaker(unsigned seed) : random_(seed) {}

  Event Next() {
    constexpr std::array kTypes{EventType::kSessionCreated,   EventType::kSessionLocked,
                                EventType::kSessionDestroyed, EventType::kConsoleSwitched,
                                EventType::kAgentStarted,     EventType::kBrokerStarted};
    Event event;
    event.seq = ++seq_;
    event.time = {1'700'000'000'000'000, 1};
    event.type = kTypes.at(random_() % kTypes.size());
    event.origin = static_cast<Origin>(random_() % 6);
    event.source = R"(","session":{"id":"no)";
    const SessionRef session = MakeSession();
    if (random_() % 4 != 0) event.before = MakeSession();
    if (event.type != EventType::kSessionDestroyed || random_() % 4 == 0) event.session = session;
    if (event.type == EventType::kConsoleSwitched) {
      event.details = {{"seat", "seat0"}, {"to", std::string(session->Id())}};
    }
    return event;
  }

 private:
  SessionRef MakeSession() {
    constexpr std::array kIds{"1", "2", "c1", "o\"dd"};
    SessionFacts session;
    session.id = kIds.at(random_() % kIds.size());
    session.key = "boot-" + session.id + "-" + std::to_string(random_() % 2);
    session.user = std::to_string(random_() % 100);
    return std::make_shared<const Session>(session);
  }

  std::mt19937 random_;
  Seq seq_ = 0;
};

std::vector<Session> Values(const SessionSnapshot& snapshot) {
  std::vector<Session> values;
  for (const SessionRef& session : snapshot.sessions) values.push_back(*session);
  return values;
}

TEST(TheSessionsOfALog, AreWhatAllItsEventsInTheirOrderLeave) {
  for (unsigned seed = 0; seed < kHistories; ++seed) {
    HistoryMaker maker(seed);
    SessionTable table;
    SessionFold fold;
    for (int i = 0; i < kEvents; ++i) {
      const Event event = maker.Next();
      table.Apply(event);
      const std::string line = LineOf(event);
      if (!fold.Take(line, PeekHead(line).value())) fold.Take(line, event);
    }
    uint64_t damaged = 0;
    const SessionSnapshot found = fold.Finish(damaged);
    ASSERT_EQ(Values(found), Values({table.All(), {}, 0})) << "seed " << seed;
    ASSERT_EQ(found.seats, table.Seats()) << "seed " << seed;
    ASSERT_EQ(damaged, 0U);
  }
}

TEST(TheSessionsOfALog, BeginWithThoseOfItsHeader) {
  SessionFold fold;
  SessionFacts session;
  session.id = "early";
  fold.Restore({{std::make_shared<const Session>(session)}, {{"seat0", "early"}}, 0});
  uint64_t damaged = 0;
  const SessionSnapshot found = fold.Finish(damaged);
  ASSERT_EQ(found.sessions.size(), 1U);
  EXPECT_EQ(found.sessions.front()->Id(), "early");
  EXPECT_EQ(found.seats, (SeatMap{{"seat0", "early"}}));
}

TEST(ALineOfASession, ThatCannotBeDecodedIsCounted) {
  Event event;
  event.seq = 1;
  event.type = EventType::kSessionLocked;
  SessionFacts session;
  session.id = "1";
  event.session = std::make_shared<const Session>(session);
  std::string line = LineOf(event);
  const size_t state = line.find("\"opening\"");
  ASSERT_NE(state, std::string::npos);
  line.replace(state, 9, "\"closing\"x");
  SessionFold fold;
  ASSERT_TRUE(fold.Take(line, PeekHead(line).value()));
  uint64_t damaged = 0;
  EXPECT_TRUE(fold.Finish(damaged).sessions.empty());
  EXPECT_EQ(damaged, 1U);
}

}  // namespace
}  // namespace broker
