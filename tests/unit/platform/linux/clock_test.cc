#include "event/clock.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

using std::chrono::steady_clock;

TEST(TheCoarseClock, IsTheSteadyOneATickBehind) {
  const auto before = steady_clock::now();
  const auto coarse = CoarseNow();
  EXPECT_LE(coarse, steady_clock::now());
  EXPECT_GE(coarse, before - std::chrono::milliseconds(20));
}

}  // namespace
}  // namespace broker
