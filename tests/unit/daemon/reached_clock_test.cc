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
  EXPECT_EQ(clock.Now().monotonic_us, 90) << "it never goes back";
}

}  // namespace
}  // namespace broker
