#include "daemon/reached_clock.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

class SetClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const noexcept override { return {time_us, time_us}; }

  int64_t time_us = 10;
};

TEST(AReachedClock, GoesOnOnceWhatWasReportedIsCommitted) {
  SetClock source;
  bool busy = false;
  const ReachedClock clock(source, [&busy] { return busy; });
  EXPECT_EQ(clock.Now().monotonic_us, 10);
  busy = true;
  source.time_us = 90;
  EXPECT_EQ(clock.Now().monotonic_us, 10) << "something from between may be on its way";
  busy = false;
  EXPECT_EQ(clock.Now().monotonic_us, 90);
  busy = true;
  EXPECT_EQ(clock.Now().monotonic_us, 90);
}

TEST(AReachedClock, NeverGoesBack) {
  SetClock source;
  const ReachedClock clock(source, [] { return false; });
  source.time_us = 90;
  EXPECT_EQ(clock.Now().monotonic_us, 90);
  source.time_us = 50;
  EXPECT_EQ(clock.Now().monotonic_us, 90);
}

TEST(AReachedClock, IsNotAheadOfWhatIsReportedWhileItIsRead) {
  SetClock source;
  source.time_us = 20;
  const ReachedClock clock(source, [&source] {
    source.time_us = 90;
    return false;
  });
  source.time_us = 30;
  EXPECT_EQ(clock.Now().monotonic_us, 30) << "something from between may be on its way by now";
}

}  // namespace
}  // namespace broker
