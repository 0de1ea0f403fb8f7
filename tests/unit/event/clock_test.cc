#include "event/clock.h"

#include <gtest/gtest.h>

#include <chrono>

namespace broker {
namespace {

int64_t RealtimeNow() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

TEST(TheSystemClock, CountsRealTimeInMicrosecondsSince1970) {
  const int64_t before = RealtimeNow();
  const Timestamp now = SystemClock().Now();
  EXPECT_GE(now.realtime_us, before);
  EXPECT_LE(now.realtime_us, RealtimeNow());
}

TEST(TheSystemClock, NeverGoesBackOnItsMonotonicHalf) {
  const SystemClock clock;
  Timestamp last = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    const Timestamp now = clock.Now();
    ASSERT_GE(now.monotonic_us, last.monotonic_us);
    last = now;
  }
}

TEST(TheSystemClock, MovesOnBothHalves) {
  const SystemClock clock;
  const Timestamp start = clock.Now();
  Timestamp now = start;
  while (now.monotonic_us == start.monotonic_us) now = clock.Now();
  EXPECT_GT(now.monotonic_us, start.monotonic_us);
  EXPECT_FALSE(now == start);
}

}  // namespace
}  // namespace broker
