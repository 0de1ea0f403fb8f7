#include "source/raw_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace broker {
namespace {

constexpr std::chrono::seconds kTooLong{20};

RawEvent Report(int64_t time_us) {
  RawEvent raw;
  raw.kind = RawKind::kSession;
  raw.time.monotonic_us = time_us;
  return raw;
}

std::vector<RawEvent> TakeAll(RawQueue& queue) {
  std::vector<RawEvent> taken;
  queue.Take(taken);
  return taken;
}

TEST(TheRawQueue, HandsOutWhatWasSubmittedInOrder) {
  RawQueue queue(10, [] {});
  for (int64_t i = 1; i <= 3; ++i) queue.Submit(Report(i));
  const auto taken = TakeAll(queue);
  ASSERT_EQ(taken.size(), 3U);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(taken[i].time.monotonic_us, static_cast<int64_t>(i) + 1);
  EXPECT_TRUE(TakeAll(queue).empty());
}

TEST(TheRawQueue, AppendsToWhatTheCallerHasAlready) {
  RawQueue queue(10, [] {});
  std::vector<RawEvent> taken{Report(1)};
  queue.Submit(Report(2));
  queue.Take(taken);
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[1].time.monotonic_us, 2);
}

TEST(TheRawQueue, WakesItsReaderOnceUntilItIsEmptied) {
  int wakes = 0;
  RawQueue queue(10, [&wakes] { ++wakes; });
  queue.Submit(Report(1));
  queue.Submit(Report(2));
  EXPECT_EQ(wakes, 1);
  TakeAll(queue);
  queue.Submit(Report(3));
  EXPECT_EQ(wakes, 2);
}

TEST(TheRawQueue, MayBeEmptiedFromItsWake) {
  RawQueue* itself = nullptr;
  std::vector<RawEvent> taken;
  RawQueue queue(10, [&] { itself->Take(taken); });
  itself = &queue;
  queue.Submit(Report(1));
  EXPECT_EQ(taken.size(), 1U);
}

TEST(AFullRawQueue, DropsAndSaysSoOnceInPlaceOfWhatItDropped) {
  RawQueue queue(2, [] {});
  for (int64_t i = 1; i <= 5; ++i) queue.Submit(Report(i));
  const auto taken = TakeAll(queue);
  ASSERT_EQ(taken.size(), 3U);
  EXPECT_EQ(taken[1].time.monotonic_us, 2);
  EXPECT_EQ(taken[2].kind, RawKind::kLost);
  EXPECT_EQ(taken[2].reason, "queue full");
  EXPECT_EQ(taken[2].time.monotonic_us, 3) << "the time of the first one that was dropped";
  EXPECT_EQ(queue.Dropped(), 3U);
}

TEST(AFullRawQueue, WorksAgainOnceItWasEmptied) {
  RawQueue queue(1, [] {});
  queue.Submit(Report(1));
  queue.Submit(Report(2));
  TakeAll(queue);
  queue.Submit(Report(3));
  const auto taken = TakeAll(queue);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].kind, RawKind::kSession);
  EXPECT_EQ(taken[0].time.monotonic_us, 3);
}

TEST(ARawQueueWithoutRoom, StillReportsTheLossAndWakesItsReader) {
  int wakes = 0;
  RawQueue queue(0, [&wakes] { ++wakes; });
  queue.Submit(Report(1));
  queue.Submit(Report(2));
  EXPECT_EQ(wakes, 1);
  const auto taken = TakeAll(queue);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].kind, RawKind::kLost);
}

TEST(TheRawQueue, LosesNothingBetweenThreads) {
  constexpr size_t kWriters = 4;
  constexpr int64_t kEach = 2000;
  RawQueue queue(kWriters * kEach, [] {});
  std::vector<std::thread> writers;
  for (size_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&queue] {
      for (int64_t i = 1; i <= kEach; ++i) queue.Submit(Report(i));
    });
  }
  std::vector<RawEvent> taken;
  while (taken.size() < kWriters * kEach) queue.Take(taken);
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(taken.size(), kWriters * kEach);
  EXPECT_EQ(queue.Dropped(), 0U);
}

TEST(WhoCanWait, FindsRoomUntilA64thOfTheQueueIsFilled) {
  RawQueue queue(128, [] {});
  queue.Submit(Report(1));
  EXPECT_TRUE(queue.WaitForRoom(std::chrono::milliseconds(0)));
  queue.Submit(Report(2));
  EXPECT_FALSE(queue.WaitForRoom(std::chrono::milliseconds(0)));
  TakeAll(queue);
  EXPECT_TRUE(queue.WaitForRoom(std::chrono::milliseconds(0)));
}

TEST(WhoCanWait, FindsRoomInTheSmallestQueueOnceItIsEmpty) {
  RawQueue queue(1, [] {});
  EXPECT_TRUE(queue.WaitForRoom(std::chrono::milliseconds(0)));
  queue.Submit(Report(1));
  EXPECT_FALSE(queue.WaitForRoom(std::chrono::milliseconds(0)));
}

TEST(WhoCanWait, IsWokenWhenTheQueueIsEmptied) {
  constexpr int64_t kRounds = 1000;
  RawQueue queue(1, [] {});
  const auto begin = std::chrono::steady_clock::now();
  std::thread waiter([&queue] {
    for (int64_t i = 0; i < kRounds; ++i) {
      EXPECT_TRUE(queue.WaitForRoom(kTooLong));
      queue.Submit(Report(i));
    }
  });
  std::vector<RawEvent> taken;
  while (taken.size() < kRounds) EXPECT_FALSE(queue.Take(taken));
  waiter.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kTooLong);
}

}  // namespace
}  // namespace broker
