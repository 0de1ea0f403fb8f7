#include "dispatch/hub.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace broker {
namespace {

EventRef Stored(Seq seq, EventType type) {
  auto stored = std::make_shared<StoredEvent>();
  stored->event.seq = seq;
  stored->event.type = type;
  return stored;
}

TEST(TheHub, EmitsOneSignalPerTypeThenTheCommit) {
  Hub hub;
  std::vector<std::string> heard;
  const auto note = [&heard](const std::string& name) {
    return [&heard, name](std::span<const EventRef> events) noexcept {
      heard.push_back(name);
      for (const EventRef& event : events) heard.push_back(std::to_string(event->event.seq));
    };
  };
  hub.OnEvents(EventType::kSessionLogon).connect(note("logon"));
  hub.OnEvents(EventType::kSessionLocked).connect(note("locked"));
  hub.OnBatchCommitted().connect(
      [&heard](Seq last) noexcept { heard.push_back("commit " + std::to_string(last)); });

  hub.Emit({Stored(1, EventType::kSessionLocked), Stored(2, EventType::kSessionLogon),
            Stored(3, EventType::kSessionLocked), Stored(4, EventType::kSessionLogoff)});

  EXPECT_EQ(heard, (std::vector<std::string>{"logon", "2", "locked", "1", "3", "commit 4"}));
}

TEST(TheHub, KeepsNoEventAfterTheBatch) {
  Hub hub;
  const EventRef event = Stored(1, EventType::kSessionLogon);
  hub.Emit({event});
  EXPECT_EQ(event.use_count(), 1);
}

TEST(TheHub, SaysNothingForAnEmptyBatch) {
  Hub hub;
  int commits = 0;
  hub.OnBatchCommitted().connect([&commits](Seq) noexcept { ++commits; });
  hub.Emit({});
  EXPECT_EQ(commits, 0);
}

}  // namespace
}  // namespace broker
