#include "dispatch/retry_timer.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

class ARetryTimer : public ::testing::Test {
 protected:
  /// Answers kRetry at once each time the event is handed over: when the tries are, from the first
  /// answer on, until the time is up.
  std::vector<int64_t> Tries() {
    std::vector<int64_t> tries;
    auto now = start_;
    while (const auto next = timer_.Next(now)) {
      now = *next;
      tries.push_back(std::chrono::duration_cast<milliseconds>(now - start_).count());
    }
    return tries;
  }

  const RetryTimer::TimePoint start_{std::chrono::hours(1)};
  RetryTimer timer_{RetryLimits{}};
};

TEST_F(ARetryTimer, WaitsTwiceAsLongEachTimeUpToFiveSecondsAndSixtyInAll) {
  EXPECT_THAT(Tries(), ElementsAre(100, 300, 700, 1500, 3100, 6300, 11300, 16300, 21300, 26300,
                                   31300, 36300, 41300, 46300, 51300, 56300, 60000));
}

TEST_F(ARetryTimer, BeginsAnewWithTheNextEvent) {
  const auto first = Tries();
  EXPECT_EQ(Tries(), first);
  EXPECT_EQ(timer_.Next(start_), start_ + milliseconds(100));
  EXPECT_EQ(timer_.Next(start_), start_ + milliseconds(200));
  timer_.Reset();
  EXPECT_EQ(timer_.Next(start_), start_ + milliseconds(100));
}

TEST_F(ARetryTimer, CountsTheTimeThatTheTriesThemselvesTake) {
  EXPECT_TRUE(timer_.Next(start_));
  EXPECT_EQ(timer_.Next(start_ + milliseconds(59'950)), start_ + milliseconds(60'000));
  EXPECT_FALSE(timer_.Next(start_ + milliseconds(60'000)));
}

}  // namespace
}  // namespace broker
