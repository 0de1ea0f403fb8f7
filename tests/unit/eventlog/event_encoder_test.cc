#include "eventlog/event_encoder.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "eventlog/codec.h"
#include "tests/unit/eventlog/full_session.h"

namespace broker {
namespace {

/// The line that an encoder writes which knows the sessions of the lines before.
std::string LineOf(EventEncoder& encoder, const Event& event) {
  std::string line;
  JsonPen pen(line);
  encoder.Encode(pen, event);
  return std::string(pen.Since(0));
}

Event EventFrom(Seq seq, const Session& before, const Session& after) {
  Event event;
  event.seq = seq;
  event.type = EventType::kSessionUnlocked;
  event.before = std::make_shared<const Session>(before);
  event.session = std::make_shared<const Session>(after);
  return event;
}

TEST(AnEncoderThatKnowsASession, WritesWhatOneWritesThatDoesNot) {
  Session session(FullSession());
  std::vector<Event> events;
  const auto change = [&](auto how) {
    const Session before = session;
    how(session);
    events.push_back(EventFrom(events.size() + 1, before, session));
  };
  change([](Session& now) { now.locked = Locked::kNo; });
  change([](Session& now) { now.state = SessionState::kClosing; });
  change([](Session& now) { now.remote = !now.remote; });
  change([](Session& now) { now.active = !now.active; });
  change([](Session& now) { ++now.created_us; });
  change([](Session& now) { now.logon_time_us += 1'000'000; });
  change([](Session& now) { now.logon_time_us = 0; });
  change([](Session& now) {
    SessionFacts facts = now.Facts();
    facts.user = "somebody else";
    now = Session(facts);
  });
  change([](Session& now) { now = Session(); });
  change([](Session& now) { now.locked = Locked::kYes; });

  EventEncoder encoder;
  for (const Event& event : events) {
    std::string line;
    EncodeEvent(line, event);
    EXPECT_EQ(LineOf(encoder, event), line);
  }
}

}  // namespace
}  // namespace broker
