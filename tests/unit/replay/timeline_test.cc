#include "replay/timeline.h"

#include <gtest/gtest.h>

#include "tests/unit/replay/recorded_log.h"

namespace broker {
namespace {

using testing::Alice;
using testing::At;
using testing::kFirstBoot;
using testing::kSecondBoot;

constexpr int64_t kSecond = 1'000'000;

TEST(ATimeline, LeavesTheFirstBootAsItWas) {
  Timeline timeline(kFirstBoot);
  EXPECT_EQ(timeline.GoTo(kFirstBoot, At(5)), At(5));
  EXPECT_EQ(timeline.CreatedAt(Alice(SessionState::kActive)), 3000000000);
}

TEST(ATimeline, GoesOnBehindARebootAfterTheTimeTheMachineWasDown) {
  Timeline timeline(kFirstBoot);
  timeline.GoTo(kFirstBoot, At(5));
  const Timestamp up = timeline.GoTo(kSecondBoot, {At(65).realtime_us, 20 * kSecond});
  EXPECT_EQ(up, At(65));
  EXPECT_EQ(timeline.GoTo(kSecondBoot, {At(66).realtime_us, 21 * kSecond}), At(66));
}

TEST(ATimeline, NeverGoesBackAtARebootThatSetTheClockBack) {
  Timeline timeline(kFirstBoot);
  timeline.GoTo(kFirstBoot, At(5));
  const Timestamp up = timeline.GoTo(kSecondBoot, {At(-3600).realtime_us, 20 * kSecond});
  EXPECT_EQ(up.realtime_us, At(-3600).realtime_us);
  EXPECT_EQ(up.monotonic_us, At(5).monotonic_us);
}

TEST(ATimeline, TakesAnUnknownBootForTheOneBefore) {
  Timeline timeline(kFirstBoot);
  timeline.GoTo(kSecondBoot, {At(0).realtime_us, 20 * kSecond});
  const Timestamp known = timeline.GoTo(kSecondBoot, {At(1).realtime_us, 21 * kSecond});
  const Timestamp unknown = timeline.GoTo("", {At(2).realtime_us, 22 * kSecond});
  EXPECT_EQ(unknown.monotonic_us - known.monotonic_us, kSecond);
}

TEST(ASessionsCreation, IsMovedWithTheBootThatItsKeyNames) {
  Timeline timeline(kFirstBoot);
  timeline.GoTo(kFirstBoot, At(0));
  SessionFacts later = Alice(SessionState::kActive, kSecondBoot).Facts();
  later.created_us = 15 * kSecond;
  later.key = MakeSessionKey(kSecondBoot, later.id, later.created_us);
  const Timestamp up = timeline.GoTo(kSecondBoot, {At(60).realtime_us, 20 * kSecond});
  EXPECT_EQ(timeline.CreatedAt(later), up.monotonic_us - 5 * kSecond);
  EXPECT_EQ(timeline.CreatedAt(Alice(SessionState::kActive)), 3000000000);
}

TEST(ASessionsCreation, IsLeftWhereItsKeySaysNothing) {
  const Timeline timeline(kFirstBoot);
  SessionFacts session = Alice(SessionState::kActive).Facts();
  session.key = "junk";
  EXPECT_EQ(timeline.CreatedAt(session), session.created_us);
}

}  // namespace
}  // namespace broker
