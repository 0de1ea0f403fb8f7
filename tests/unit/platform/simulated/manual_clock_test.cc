#include "platform/simulated/manual_clock.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

TEST(AManualClock, StandsStillUntilItIsMoved) {
  const ManualClock clock({1000, 10});
  EXPECT_EQ(clock.Now(), (Timestamp{1000, 10}));
  EXPECT_EQ(clock.Now(), (Timestamp{1000, 10}));
}

TEST(AManualClock, MovesBothTimesTogether) {
  ManualClock clock({1000, 10});
  clock.Advance(5);
  EXPECT_EQ(clock.Now(), (Timestamp{1005, 15}));
  clock.AdvanceTo(1100);
  EXPECT_EQ(clock.Now(), (Timestamp{1100, 110}));
}

TEST(AManualClock, NeverRunsBackwards) {
  ManualClock clock({1000, 10});
  clock.Advance(-5);
  clock.AdvanceTo(900);
  EXPECT_EQ(clock.Now(), (Timestamp{1000, 10}));
}

TEST(AManualClock, LetsTheWallClockBeSetWithoutTheMonotonicOne) {
  ManualClock clock({1000, 10});
  clock.SetRealtime(500);
  EXPECT_EQ(clock.Now(), (Timestamp{500, 10}));
}

}  // namespace
}  // namespace broker
