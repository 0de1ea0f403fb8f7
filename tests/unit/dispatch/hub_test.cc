#include "dispatch/hub.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace broker {
namespace {

BatchRef BatchOf(const std::vector<EventType>& types) {
  std::vector<Event> events(types.size());
  for (size_t i = 0; i < types.size(); ++i) events[i].type = types[i];
  EventEncoder encoder;
  return MakeBatch(encoder, std::move(events), 1, std::make_shared<const std::string>("boot"));
}

TEST(TheHub, EmitsOneSignalPerTypeThenTheCommit) {
  Hub hub;
  std::vector<std::string> heard;
  const auto note = [&heard](const std::string& name) {
    return [&heard, name](std::span<const Event* const> events) noexcept {
      heard.push_back(name);
      for (const Event* const event : events) heard.push_back(std::to_string(event->seq));
    };
  };
  hub.OnEvents(EventType::kSessionLogon).connect(note("logon"));
  hub.OnEvents(EventType::kSessionLocked).connect(note("locked"));
  hub.OnBatchCommitted().connect(
      [&heard](Seq last) noexcept { heard.push_back("commit " + std::to_string(last)); });

  hub.Emit(*BatchOf({EventType::kSessionLocked, EventType::kSessionLogon, EventType::kSessionLocked,
                     EventType::kSessionLogoff}));

  EXPECT_EQ(heard, (std::vector<std::string>{"logon", "2", "locked", "1", "3", "commit 4"}));
}

TEST(TheSlowestLane, IsTheSlowestOfThoseThatHaveComeSoFar) {
  Hub hub;
  for (const Seq finished : {Seq{20}, Seq{3}, Seq{30}}) {
    hub.OnProgressAsked().connect([finished](Seq from) noexcept {
      return finished < from ? std::numeric_limits<Seq>::max() : finished;
    });
  }
  EXPECT_EQ(hub.Slowest(), 3U);
  EXPECT_EQ(hub.Slowest(4), 20U);
  EXPECT_EQ(hub.Slowest(31), std::numeric_limits<Seq>::max());
}

TEST(TheHub, KeepsNothingOfABatch) {
  Hub hub;
  std::vector<size_t> counts;
  hub.OnEvents(EventType::kSessionLogon)
      .connect([&counts](std::span<const Event* const> events) noexcept {
        counts.push_back(events.size());
      });
  hub.Emit(*BatchOf({EventType::kSessionLogon, EventType::kSessionLogon}));
  hub.Emit(*BatchOf({EventType::kSessionLogon}));
  EXPECT_EQ(counts, (std::vector<size_t>{2, 1}));
}

}  // namespace
}  // namespace broker
