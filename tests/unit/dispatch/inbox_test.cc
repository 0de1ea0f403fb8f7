#include "dispatch/inbox.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/wait.h"

namespace broker {
namespace {

using std::chrono::steady_clock;
using testing::Eventually;

constexpr auto kForever = Condition::TimePoint::max();

class AnInbox : public ::testing::Test {
 protected:
  AnInbox() { inbox_.Begin(1, 0); }

  void Commit(Seq noted, Seq last) {
    if (noted != 0) inbox_.Note(noted);
    inbox_.Commit(last);
  }
  /// What there is now, without waiting.
  Inbox::Next TakeNow() { return inbox_.Take(range_, steady_clock::now()); }

  Inbox inbox_;
  Inbox::Range range_;
};

TEST_F(AnInbox, TellsFromWhereToWhereThereIsSomething) {
  Commit(3, 5);
  Commit(0, 7);
  Commit(8, 9);
  ASSERT_EQ(TakeNow(), Inbox::Next::kRange);
  EXPECT_EQ(range_.from, 1U) << "it began there";
  EXPECT_EQ(range_.to, 9U);
  EXPECT_EQ(TakeNow(), Inbox::Next::kTimeout);
  EXPECT_EQ(inbox_.Drained(), 9U);
}

TEST_F(AnInbox, CountsAsDrainedWhatHoldsNothingForTheWorker) {
  EXPECT_EQ(TakeNow(), Inbox::Next::kTimeout);
  Commit(0, 4);
  EXPECT_EQ(TakeNow(), Inbox::Next::kTimeout);
  EXPECT_EQ(inbox_.Drained(), 4U);
  Commit(6, 6);
  EXPECT_EQ(inbox_.Drained(), 4U);
  ASSERT_EQ(TakeNow(), Inbox::Next::kRange);
  EXPECT_EQ(range_.from, 6U);
}

TEST_F(AnInbox, WakesItsWorkerForWhatItWantsOnly) {
  ASSERT_EQ(TakeNow(), Inbox::Next::kTimeout);
  std::atomic<bool> taken = false;
  std::thread worker([&] {
    EXPECT_EQ(inbox_.Take(range_, kForever), Inbox::Next::kRange);
    taken = true;
  });
  EXPECT_TRUE(Eventually([this] {
    Commit(0, inbox_.Committed() + 1);
    return inbox_.Drained() == inbox_.Committed();  // It waits.
  }));
  EXPECT_FALSE(taken);
  Commit(inbox_.Committed() + 1, inbox_.Committed() + 1);
  worker.join();
  EXPECT_TRUE(taken);
}

TEST_F(AnInbox, LetsItsWorkerGoWhenItIsNudgedAlsoBeforeItWaits) {
  inbox_.Nudge();
  EXPECT_EQ(inbox_.Take(range_, kForever), Inbox::Next::kTimeout);
  inbox_.Nudge();
  inbox_.Wait(kForever);
  std::atomic<bool> done = false;
  std::thread worker([&] {
    inbox_.Wait(kForever);
    EXPECT_EQ(inbox_.Take(range_, kForever), Inbox::Next::kTimeout);
    done = true;
  });
  EXPECT_TRUE(Eventually([&] {
    inbox_.Nudge();
    return done.load();
  }));
  worker.join();
}

TEST_F(AnInbox, LosesNoRangeToANudge) {
  inbox_.Nudge();
  Commit(1, 1);
  EXPECT_EQ(inbox_.Take(range_, kForever), Inbox::Next::kRange);
  EXPECT_EQ(inbox_.Take(range_, kForever), Inbox::Next::kTimeout);
}

TEST_F(AnInbox, StopsForGood) {
  std::thread worker([&] { EXPECT_EQ(inbox_.Take(range_, kForever), Inbox::Next::kStopped); });
  inbox_.Stop();
  worker.join();
  Commit(1, 1);
  EXPECT_EQ(inbox_.Take(range_, kForever), Inbox::Next::kStopped);
  inbox_.Wait(kForever);
  EXPECT_TRUE(inbox_.Stopped());
}

}  // namespace
}  // namespace broker
