#include "dispatch/event_queue.h"

#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace broker {
namespace {

using Next = EventQueue::Next;

EventRef Stored(Seq seq) {
  auto stored = std::make_shared<StoredEvent>();
  stored->event.seq = seq;
  return stored;
}

Condition::TimePoint Now() {
  return std::chrono::steady_clock::now();
}

class AnEventQueue : public ::testing::Test {
 protected:
  void Emit(std::vector<Seq> seqs, Seq last) {
    Batch batch;
    for (const Seq seq : seqs) batch.push_back(Stored(seq));
    queue_.Gather(batch);
    queue_.Commit(last);
  }

  Next Take() { return queue_.Take(event_, committed_, Now()); }

  EventQueue queue_{4};
  EventRef event_;
  Seq committed_ = 0;
};

TEST_F(AnEventQueue, StartsBehindAndQueuesNothingBeforeItHasCaughtUp) {
  Emit({1}, 1);
  EXPECT_EQ(Take(), Next::kBehind);
  EXPECT_EQ(committed_, 1U);
  EXPECT_TRUE(queue_.Resume(1));
  EXPECT_EQ(Take(), Next::kTimeout);
}

TEST_F(AnEventQueue, StaysBehindWhileTheLogGrowsFasterThanItIsRead) {
  Emit({1}, 1);
  EXPECT_FALSE(queue_.Resume(0));
  EXPECT_EQ(Take(), Next::kBehind);
}

TEST_F(AnEventQueue, HandsOutWhatSeveralSignalsGatheredInTheOrderOfSeq) {
  ASSERT_TRUE(queue_.Resume(0));
  const Batch logons{Stored(2), Stored(5)};
  const Batch locks{Stored(1), Stored(4)};
  queue_.Gather(logons);
  queue_.Gather(locks);
  queue_.Commit(6);
  std::vector<Seq> seqs;
  while (Take() == Next::kEvent) seqs.push_back(event_->event.seq);
  EXPECT_EQ(seqs, (std::vector<Seq>{1, 2, 4, 5}));
}

TEST_F(AnEventQueue, FallsBehindInsteadOfGrowing) {
  ASSERT_TRUE(queue_.Resume(0));
  Emit({1, 2, 3}, 3);
  Emit({4, 5}, 5);
  EXPECT_EQ(Take(), Next::kBehind);
  EXPECT_EQ(committed_, 5U);
}

TEST_F(AnEventQueue, CountsEventsNobodyWantsAsFinishedOnceTheWorkerIsIdle) {
  ASSERT_TRUE(queue_.Resume(0));
  Emit({}, 7);
  EXPECT_EQ(Take(), Next::kTimeout);
  EXPECT_EQ(queue_.Drained(), 7U);
}

TEST_F(AnEventQueue, CountsNothingAsFinishedThatWasTakenButNotReturnedFrom) {
  ASSERT_TRUE(queue_.Resume(0));
  Emit({1}, 1);
  ASSERT_EQ(Take(), Next::kEvent);
  Emit({}, 9);
  EXPECT_LT(queue_.Drained(), 1U);
}

TEST_F(AnEventQueue, CountsNothingAsFinishedThatIsQueuedForAWorkerJustWoken) {
  for (int round = 0; round < 300; ++round) {
    EventQueue queue(8);
    ASSERT_TRUE(queue.Resume(0));
    std::thread worker([&queue] {
      EventRef event;
      Seq committed = 0;
      while (queue.Take(event, committed, Condition::TimePoint::max()) != Next::kStopped) {
        EXPECT_LT(queue.Drained(), event->event.seq);
      }
    });
    std::this_thread::yield();
    const Batch batch{Stored(1), Stored(2), Stored(3)};
    queue.Gather(batch);
    queue.Commit(3);
    queue.Commit(4);
    while (queue.Drained() < 4) std::this_thread::yield();
    queue.Stop();
    worker.join();
  }
}

TEST_F(AnEventQueue, WakesItsWorkerForAnEventAndForTheEnd) {
  ASSERT_TRUE(queue_.Resume(0));
  std::vector<Next> seen;
  std::thread worker([this, &seen] {
    EventRef event;
    Seq committed = 0;
    do {
      seen.push_back(queue_.Take(event, committed, Condition::TimePoint::max()));
    } while (seen.back() != Next::kStopped);
  });
  Emit({1}, 1);
  while (queue_.Drained() < 1) std::this_thread::yield();
  queue_.Stop();
  worker.join();
  EXPECT_EQ(seen, (std::vector<Next>{Next::kEvent, Next::kStopped}));
}

}  // namespace
}  // namespace broker
