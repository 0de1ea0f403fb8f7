#include "daemon/system_delay.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dispatch/hub.h"
#include "tests/support/wait.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using testing::Eventually;

/// A machine that waits, and notes what it is told.
class WaitingSource final : public Source {
 public:
  Status Start(RawSink&) override { return {}; }
  void Stop() noexcept override {}
  void EndDelay(int64_t reported_us) noexcept override { ended_us = reported_us; }
  [[nodiscard]] std::string Name() const override { return "waiting"; }
  [[nodiscard]] SourceCapabilities Capabilities() const override { return {}; }
  [[nodiscard]] const Clock& SourceClock() const override { return clock_; }

  std::atomic<int64_t> ended_us = 0;

 private:
  SystemClock clock_;
};

class Announced final : public Announcer {
 public:
  void Announce(Event event) noexcept override {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  std::vector<Event> All() {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  std::mutex mutex_;
  std::vector<Event> events_;
};

class Said final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view text) noexcept override {
    const std::lock_guard lock(mutex_);
    text_ += text;
  }
  std::string Text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

class ASystemDelay : public ::testing::Test {
 protected:
  /// Tells the signals of an event that the machine waits with; answers when it was reported.
  int64_t Tell(EventType type, Details details, Origin origin = Origin::kOs) {
    Batch batch;
    batch.events.push_back(Next(type, std::move(details), origin));
    hub_.Emit(batch);
    return batch.events.front().time.monotonic_us;
  }
  Event Next(EventType type, Details details, Origin origin = Origin::kOs) {
    Event event;
    event.seq = ++seq_;
    event.type = type;
    event.time = source_.SourceClock().Now();
    event.time.monotonic_us += static_cast<int64_t>(seq_);  // Each its own.
    event.origin = origin;
    event.details = std::move(details);
    return event;
  }
  int64_t Suspend(const std::string& delay_us = "20000000") {
    return Tell(EventType::kSystemSuspending, {{"delay_us", delay_us}});
  }
  bool LetGo(int64_t reported_us) {
    return Eventually([this, reported_us] { return source_.ended_us == reported_us; });
  }

  Hub hub_;
  WaitingSource source_;
  Announced announced_;
  Said said_;
  std::atomic<bool> busy_ = false;
  std::atomic<bool> disk_answers_ = true;
  std::atomic<int> synced_ = 0;
  std::atomic<Seq> asked_ = 0;
  Seq seq_ = 0;
  SystemDelay delay_{SystemDelay::Parts{hub_, source_, announced_, said_,
                                        [this](EventType, Seq seq) {
                                          asked_ = seq;
                                          PluginStatus plugin;
                                          plugin.instance = "slow";
                                          return std::vector<PluginStatus>(busy_ ? 1 : 0, plugin);
                                        },
                                        [this](milliseconds) {
                                          ++synced_;
                                          return disk_answers_.load();
                                        }}};
};

TEST_F(ASystemDelay, LetsTheMachineGoOnceAllAreDoneAndTheDiskHasIt) {
  busy_ = true;
  const int64_t reported_us = Suspend();
  ASSERT_TRUE(Eventually([this] { return asked_ == 1; }));
  EXPECT_EQ(source_.ended_us, 0);
  EXPECT_EQ(synced_, 0);
  busy_ = false;
  EXPECT_TRUE(LetGo(reported_us));
  EXPECT_EQ(synced_, 1);
  EXPECT_TRUE(announced_.All().empty());
}

TEST_F(ASystemDelay, NamesWhoIsNotDoneInTime) {
  busy_ = true;
  const int64_t reported_us = Suspend("40000");
  EXPECT_TRUE(LetGo(reported_us));
  const std::vector<Event> told = announced_.All();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].type, EventType::kPluginOverdue);
  EXPECT_EQ(*told[0].Detail("instance"), "slow");
  EXPECT_EQ(*told[0].Detail("deadline_ms"), "20") << "half of so short a time";
  EXPECT_EQ(told[0].cause, 1U);
  EXPECT_EQ(told[0].reason, "system.suspending");
}

TEST_F(ASystemDelay, HoldsAShutdownBackAsWell) {
  EXPECT_TRUE(LetGo(Tell(EventType::kSystemShuttingDown, {{"delay_us", "5000000"}})));
}

TEST_F(ASystemDelay, ForgetsASleepThatIsOver) {
  busy_ = true;
  Suspend();
  ASSERT_TRUE(Eventually([this] { return asked_ == 1; }));
  Tell(EventType::kSystemResumed, {});
  const int64_t second_us = Suspend();
  ASSERT_TRUE(Eventually([this] { return asked_ == 3; }));
  EXPECT_EQ(source_.ended_us, 0);
  busy_ = false;
  EXPECT_TRUE(LetGo(second_us));
  EXPECT_EQ(synced_, 1) << "of the second only";
}

TEST_F(ASystemDelay, TakesWhatOneBatchTellsInTheOrderInWhichItHappened) {
  const Details delay{{"delay_us", "20000000"}};
  Batch batch;
  batch.events.push_back(Next(EventType::kSystemShuttingDown, delay));
  batch.events.push_back(Next(EventType::kSystemResumed, {}));
  batch.events.push_back(Next(EventType::kSystemSuspending, delay));
  const int64_t last_us = batch.events.back().time.monotonic_us;
  hub_.Emit(batch);
  EXPECT_TRUE(LetGo(last_us)) << "the machine waits in vain";
  EXPECT_EQ(asked_, 3U);
}

TEST_F(ASystemDelay, IsNotEndedByAReturnThatDidNotHappen) {
  busy_ = true;
  const int64_t reported_us = Suspend();
  ASSERT_TRUE(Eventually([this] { return asked_ == 1; }));
  Tell(EventType::kSystemResumed, {}, Origin::kInjected);
  busy_ = false;
  EXPECT_TRUE(LetGo(reported_us));
}

TEST_F(ASystemDelay, DoesNothingWhereTheMachineDoesNotWait) {
  Tell(EventType::kSystemSuspending, {});
  Tell(EventType::kSystemSuspending, {{"delay_us", "5000000"}}, Origin::kInjected);
  const int64_t fence_us = Suspend();
  EXPECT_TRUE(LetGo(fence_us));
  EXPECT_EQ(synced_, 1);
}

TEST_F(ASystemDelay, SaysThatTheDiskWasTooSlow) {
  disk_answers_ = false;
  EXPECT_TRUE(LetGo(Suspend()));
  EXPECT_NE(said_.Text().find("system.suspending"), std::string::npos) << said_.Text();
}

TEST_F(ASystemDelay, EndsWhileItWaits) {
  busy_ = true;
  Suspend();
  ASSERT_TRUE(Eventually([this] { return asked_ == 1; }));
}

}  // namespace
}  // namespace broker
