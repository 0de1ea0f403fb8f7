#include "plugin_host/host_services/plugin_timers.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using ::testing::HasSubstr;

usher_status DoNothing(void*, usher_timer, usher_error*) {
  return USHER_OK;
}

class AnInstancesTimers : public ::testing::Test {
 protected:
  usher_status Start(int64_t now_us, int64_t delay_us, int64_t period_us = 0) {
    return timers_.Start(now_us, delay_us, period_us, {DoNothing, nullptr, {}}, last_, why_);
  }
  /// The timer that is due, 0 for none.
  usher_timer Due(int64_t now_us) {
    const auto due = timers_.TakeDue(now_us);
    return due ? due->timer : 0;
  }

  PluginTimers timers_;
  usher_timer last_ = 0;
  std::string why_;
};

TEST_F(AnInstancesTimers, ComeInTheOrderOfTheirTimes) {
  Start(100, 50);
  Start(100, 20);
  Start(100, 20);
  EXPECT_EQ(timers_.NextAt(), 120);
  EXPECT_EQ(Due(119), 0U);
  EXPECT_EQ(Due(200), 2U);
  EXPECT_EQ(Due(200), 3U);
  EXPECT_EQ(Due(200), 1U);
  EXPECT_EQ(Due(200), 0U);
  EXPECT_FALSE(timers_.NextAt());
}

TEST_F(AnInstancesTimers, LeaveOutWhatAPeriodicOneHasMissed) {
  Start(0, 5000, 1000);
  EXPECT_EQ(Due(4999), 0U);
  EXPECT_EQ(Due(5000), 1U);
  EXPECT_EQ(timers_.NextAt(), 6000);
  EXPECT_EQ(Due(9500), 1U);
  EXPECT_EQ(timers_.NextAt(), 10'000);
}

TEST_F(AnInstancesTimers, AreForgottenOnceCancelledOrCalled) {
  Start(0, 10);
  EXPECT_EQ(timers_.Cancel(last_), USHER_OK);
  EXPECT_EQ(timers_.Cancel(last_), USHER_NOT_FOUND);
  Start(0, 10);
  EXPECT_EQ(last_, 2U) << "a number is never used again";
  EXPECT_EQ(Due(10), 2U);
  EXPECT_EQ(timers_.Cancel(2), USHER_NOT_FOUND);
  EXPECT_EQ(timers_.Cancel(0), USHER_NOT_FOUND);
}

TEST_F(AnInstancesTimers, RefuseTimesThatAreNone) {
  EXPECT_EQ(Start(0, -1), USHER_INVALID_ARGUMENT);
  EXPECT_THAT(why_,
              HasSubstr("a timer's delay is from 0 to 31622400000000 microseconds; it is -1"));
  EXPECT_EQ(Start(0, USHER_TIMER_MAX_DELAY_US + 1), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(Start(0, 0, 999), USHER_INVALID_ARGUMENT);
  EXPECT_THAT(why_, HasSubstr("a timer's period is from 1000"));
  EXPECT_EQ(Start(0, 0, -1), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(timers_.Start(0, 0, 0, {}, last_, why_), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(last_, 0U);
}

TEST_F(AnInstancesTimers, AreSixtyFourAtMost) {
  for (int i = 0; i < 64; ++i) EXPECT_EQ(Start(0, 10), USHER_OK);
  EXPECT_EQ(Start(0, 10), USHER_LIMIT);
  EXPECT_THAT(why_, HasSubstr("64 timers"));
  EXPECT_NE(Due(10), 0U);
  EXPECT_EQ(Start(0, 10), USHER_OK);
}

}  // namespace
}  // namespace broker
