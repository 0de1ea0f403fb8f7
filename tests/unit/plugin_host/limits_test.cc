#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin_host/announce_limit.h"
#include "plugin_host/strikes.h"
#include "tests/unit/plugin_host/fakes.h"

namespace broker {
namespace {

constexpr int64_t kMinute = 60'000'000;

TEST(Strikes, CountOnlyWithinTheWindow) {
  Strikes strikes;
  EXPECT_EQ(strikes.Add(0), 1U);
  EXPECT_EQ(strikes.Add(5 * kMinute), 2U);
  EXPECT_EQ(strikes.Add(10 * kMinute), 2U);
  EXPECT_EQ(strikes.Add(14 * kMinute), 3U);
  EXPECT_EQ(strikes.Add(14 * kMinute), 3U);
  EXPECT_EQ(strikes.Add(40 * kMinute), 1U);
}

class AnAnnounceLimit : public ::testing::Test {
 protected:
  void Announce(EventType type, int64_t monotonic_us) {
    limit_.Announce(MakeBrokerEvent(type, {0, monotonic_us}));
  }

  testing::NotingAnnouncer announcer_;
  AnnounceLimit limit_{announcer_, "me"};
};

TEST_F(AnAnnounceLimit, LetsSixtyAMinutePassAndTellsHowManyItDidNot) {
  for (int i = 0; i < 100; ++i) Announce(EventType::kPluginFailed, i);
  EXPECT_EQ(announcer_.Events().size(), 60U);
  Announce(EventType::kPluginFailed, kMinute);
  const auto suppressed = announcer_.Of(EventType::kSuppressed);
  ASSERT_EQ(suppressed.size(), 1U);
  EXPECT_EQ(suppressed.front().details,
            (Details{{"instance", "me"}, {"type", "plugin.failed"}, {"count", "40"}}));
  EXPECT_EQ(announcer_.Events().size(), 62U);
  EXPECT_EQ(announcer_.Events().back().type, EventType::kPluginFailed);
}

TEST_F(AnAnnounceLimit, CountsEachTypeByItself) {
  for (int i = 0; i < 100; ++i) Announce(EventType::kPluginFailed, i);
  Announce(EventType::kPluginQuarantined, 100);
  EXPECT_EQ(announcer_.Events().back().type, EventType::kPluginQuarantined);
}

TEST_F(AnAnnounceLimit, SaysNothingWhereNothingWasSuppressed) {
  for (int i = 0; i < 200; ++i) Announce(EventType::kPluginFailed, i * kMinute / 50);
  EXPECT_EQ(announcer_.Events().size(), 200U);
  EXPECT_TRUE(announcer_.Of(EventType::kSuppressed).empty());
}

}  // namespace
}  // namespace broker
