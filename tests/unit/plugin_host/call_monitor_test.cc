#include "plugin_host/call_monitor.h"

#include <unistd.h>

#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "event/clock.h"
#include "tests/support/asleep.h"
#include "tests/support/wait.h"

namespace broker {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using testing::Eventually;
using testing::IsAsleep;
using ::testing::IsEmpty;

constexpr auto kNever = CallMonitor::TimePoint::max();
constexpr milliseconds kClockStep{20};  // The clock that calls are stamped with is a coarse one.

/// Keeps what it is told.
class NotingOwner final : public CallOwner {
 public:
  void Overdue(const RunningCall& call) noexcept override { Note("overdue", call); }
  void Interrupt(const RunningCall& call) noexcept override {
    interrupts = true;
    while (hold) std::this_thread::yield();
    Note("interrupt", call);
  }
  void Abandoned(const RunningCall& call, std::chrono::microseconds given) noexcept override {
    grace = given;
    Note("abandoned", call);
  }
  std::vector<std::string> Notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

  std::atomic<bool> hold = false;        ///< Keeps Interrupt from returning.
  std::atomic<bool> interrupts = false;  ///< Interrupt was called.
  std::chrono::microseconds grace{0};

 private:
  void Note(const std::string& what, const RunningCall& call) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(what + " " + std::string(Name(call.call)) + " " + std::to_string(call.seq));
  }
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

/// A monitor without a thread: the time is what the test says.
class AMonitor : public ::testing::Test {
 protected:
  void WaitForInterrupt() {
    EXPECT_TRUE(Eventually([this] { return !owner_.Notes().empty(); }));
  }

  const RunningCall call_{PluginCall::kOnEvent, 7, 0, seconds(10)};
  const std::shared_ptr<CallMonitor> monitor_ = std::make_shared<CallMonitor>();
  NotingOwner owner_;
  CallWatch watch_{monitor_, owner_};
};

TEST_F(AMonitor, HasNothingToDoWithoutACall) {
  EXPECT_EQ(monitor_->Check(steady_clock::now()), kNever);
}

TEST_F(AMonitor, LooksAgainWhenTheFirstCallIsDue) {
  CallWatch other(monitor_, owner_);
  other.Begin({PluginCall::kInit, 0, 0, hours(1)});
  const auto before = CoarseNow();
  watch_.Begin(call_);
  const auto next = monitor_->Check(before);
  EXPECT_GE(next, before + seconds(10) - kClockStep);
  EXPECT_LE(next, steady_clock::now() + seconds(10));
  EXPECT_FALSE(watch_.End());
  EXPECT_FALSE(other.End());
  EXPECT_EQ(monitor_->Check(before + hours(2)), kNever);
  EXPECT_THAT(owner_.Notes(), IsEmpty());
}

TEST_F(AMonitor, TellsOfACallThatTakesTooLongAndInterruptsIt) {
  watch_.Begin(call_);
  const auto late = steady_clock::now() + seconds(11);
  EXPECT_EQ(monitor_->Check(late), late + seconds(2));
  EXPECT_TRUE(Eventually([this] { return owner_.Notes().size() == 2; }));
  EXPECT_THAT(owner_.Notes(),
              ::testing::UnorderedElementsAre("overdue on_event 7", "interrupt on_event 7"));
  EXPECT_TRUE(watch_.End());
  EXPECT_EQ(monitor_->Check(late + hours(1)), kNever);
  EXPECT_EQ(owner_.Notes().size(), 2U);
}

TEST_F(AMonitor, WatchesTheNextCallAnew) {
  watch_.Begin(call_);
  monitor_->Check(steady_clock::now() + seconds(11));
  EXPECT_TRUE(watch_.End());
  watch_.Begin({PluginCall::kOnEvent, 8, 0, seconds(10)});
  monitor_->Check(steady_clock::now() + seconds(11));
  EXPECT_TRUE(watch_.End());
  EXPECT_EQ(owner_.Notes().back().back(), '8');
}

TEST_F(AMonitor, KeepsACallThatReturnsUntilItsInterruptHasReturned) {
  owner_.hold = true;
  watch_.Begin(call_);
  monitor_->Check(steady_clock::now() + seconds(11));
  EXPECT_TRUE(Eventually([this] { return owner_.interrupts.load(); }));
  std::atomic<pid_t> thread = 0;
  std::atomic<bool> ended = false;
  std::thread call([&] {
    thread = ::gettid();
    watch_.End();
    ended = true;
  });
  EXPECT_TRUE(Eventually([&] { return ended || (thread != 0 && IsAsleep(thread)); }));
  EXPECT_FALSE(ended);
  owner_.hold = false;
  call.join();
  EXPECT_THAT(owner_.Notes(), ElementsAre("overdue on_event 7", "interrupt on_event 7"));
}

TEST_F(AMonitor, InterruptsACallThatIsHurriedAndTellsOfItInItsTimeOnly) {
  watch_.Begin(call_);
  watch_.Hurry();
  WaitForInterrupt();
  const auto now = steady_clock::now();
  EXPECT_GT(monitor_->Check(now), now);
  EXPECT_THAT(owner_.Notes(), ElementsAre("interrupt on_event 7"));
  monitor_->Check(now + seconds(11));
  EXPECT_EQ(owner_.Notes().back(), "overdue on_event 7");
  EXPECT_TRUE(watch_.End());
}

TEST_F(AMonitor, HurriesNobodyWhoIsInNoCall) {
  watch_.Hurry();
  EXPECT_EQ(monitor_->Check(steady_clock::now()), kNever);
  EXPECT_THAT(owner_.Notes(), IsEmpty());
}

/// Whose thread never ends, nor does what it refers to.
struct Stuck {
  std::shared_ptr<CallMonitor> monitor = std::make_shared<CallMonitor>(milliseconds(500));
  NotingOwner owner;
  CallWatch watch{monitor, owner};
  std::atomic<bool> returned = false;
  std::atomic<bool> went_on = false;
  std::atomic<pid_t> thread = 0;

  /// `calls` of `call`, one after the other, once `returned` is set.
  void Run(const RunningCall& call, int calls = 1) {
    watch.Begin(call);
    std::thread([this, call, calls] {
      thread = ::gettid();
      while (!returned) std::this_thread::yield();
      watch.End();
      for (int more = 1; more < calls; ++more) {
        watch.Begin(call);
        watch.End();
      }
      went_on = true;
    }).detach();
  }

  /// Whether the thread waits, once it may return, instead of going on.
  [[nodiscard]] bool Stays() const {
    EXPECT_TRUE(Eventually([this] { return went_on || (thread != 0 && IsAsleep(thread)); }));
    return !went_on;
  }
};

TEST(ACallThatGoesOnRegardless, IsAbandonedAndNeverReturns) {
  auto* const stuck = new Stuck;
  stuck->Run({PluginCall::kInit, 0, 0, seconds(1)});
  auto now = stuck->monitor->Check(steady_clock::now() + seconds(2));
  EXPECT_TRUE(Eventually([&] { return stuck->owner.Notes().size() == 2; }));
  EXPECT_EQ(stuck->monitor->Check(now - milliseconds(1)), now);
  EXPECT_EQ(stuck->monitor->Check(now), kNever);
  EXPECT_EQ(stuck->owner.Notes().back(), "abandoned init 0");
  EXPECT_EQ(stuck->owner.grace, milliseconds(500));
  EXPECT_FALSE(stuck->watch.Abandon());
  stuck->returned = true;
  EXPECT_TRUE(stuck->Stays());
  EXPECT_EQ(stuck->monitor->Check(now + hours(1)), kNever);
}

TEST(AnInstanceThatIsAbandoned, NeverReturnsFromTheCallAtHandNorBeginsAnother) {
  for (const bool inside : {true, false}) {
    auto* const stuck = new Stuck;
    stuck->Run({PluginCall::kOnEvent, 1, 0, seconds(10)}, 1000);
    if (!inside) stuck->watch.End();
    EXPECT_TRUE(stuck->watch.Abandon());
    stuck->returned = true;
    EXPECT_TRUE(stuck->Stays());
    EXPECT_THAT(stuck->owner.Notes(), IsEmpty());
  }
}

TEST(TheMonitorsThread, WakesUpForACallThatBeginsWhileItSleeps) {
  const auto monitor = std::make_shared<CallMonitor>(hours(1));
  monitor->Start();
  NotingOwner owner;
  CallWatch watch(monitor, owner);
  CallWatch slow(monitor, owner);
  slow.Begin({PluginCall::kOnEvent, 1, 0, hours(1)});
  for (Seq seq = 2; seq < 5; ++seq) {
    watch.Begin({PluginCall::kOnEvent, seq, 0, milliseconds(5)});
    const std::string wanted = "interrupt on_event " + std::to_string(seq);
    EXPECT_TRUE(Eventually([&] {
      const auto notes = owner.Notes();
      return std::find(notes.begin(), notes.end(), wanted) != notes.end();
    }));
    watch.End();
  }
  slow.End();
}

/// Notes whether the call that it is told of goes on all the while.
class JudgingOwner final : public CallOwner {
 public:
  void Overdue(const RunningCall& call) noexcept override { Judge(call); }
  void Interrupt(const RunningCall& call) noexcept override { Judge(call); }
  void Abandoned(const RunningCall& /*call*/,
                 std::chrono::microseconds /*grace*/) noexcept override {}

  std::atomic<Seq> at_hand = 0;
  std::atomic<int> told = 0;
  std::atomic<int> wrong = 0;

 private:
  void Judge(const RunningCall& call) {
    for (int i = 0; i < 100; ++i) wrong += at_hand == call.seq ? 0 : 1;
    ++told;
  }
};

/// With the system's fence, and without.
class ACallThatEndsJustNow : public ::testing::TestWithParam<bool> {};

TEST_P(ACallThatEndsJustNow, IsNeitherToldOfNorInterruptedOnceAnotherHasBegun) {
  constexpr int kEnough = 300;
  const ProcessFence fence(GetParam());
  EXPECT_EQ(fence.Works(), GetParam());
  const auto monitor = std::make_shared<CallMonitor>(hours(1), fence);
  JudgingOwner owner;
  CallWatch watch(monitor, owner);
  std::thread calls([&] {
    for (Seq seq = 1; owner.told < kEnough; ++seq) {
      owner.at_hand = seq;
      watch.Begin({PluginCall::kOnEvent, seq, 0, seconds(1)});
      watch.End();
    }
  });
  while (owner.told < kEnough) {
    monitor->Check(steady_clock::now() + seconds(2));
    watch.Hurry();
  }
  calls.join();
  EXPECT_EQ(owner.wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(EachFence, ACallThatEndsJustNow, ::testing::Bool());

TEST(ACallWithoutAMonitor, MayTakeForEver) {
  NotingOwner owner;
  CallWatch watch(nullptr, owner);
  watch.Begin({PluginCall::kOnEvent, 1, 0, std::chrono::microseconds(0)});
  EXPECT_FALSE(watch.End());
  EXPECT_FALSE(watch.Abandon());
}

}  // namespace
}  // namespace broker
