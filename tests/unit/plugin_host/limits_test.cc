#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin_host/announce_limit.h"
#include "plugin_host/strikes.h"
#include "tests/unit/plugin_host/fakes.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

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
  void Announce(EventType type, int64_t monotonic_us, uint32_t chain = 0) {
    Event event = MakeBrokerEvent(type, {0, monotonic_us});
    event.chain = chain;
    limit_.Announce(std::move(event));
  }

  /// The `suppressed` events, as "TYPE COUNT".
  [[nodiscard]] std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const Event& event : announcer_.Of(EventType::kSuppressed)) {
      EXPECT_EQ(*event.Detail("instance"), "me");
      told.push_back(*event.Detail("type") + " " + *event.Detail("count"));
    }
    return told;
  }

  testing::NotingAnnouncer announcer_;
  AnnounceLimit limit_{announcer_, "me"};
};

TEST_F(AnAnnounceLimit, LetsSixtyAMinutePassAndTellsHowManyItDidNot) {
  for (int i = 0; i < 100; ++i) Announce(EventType::kPluginFailed, i);
  EXPECT_EQ(announcer_.Events().size(), 60U);
  Announce(EventType::kPluginFailed, kMinute);
  EXPECT_THAT(Told(), ElementsAre("plugin.failed 40"));
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
  EXPECT_EQ(limit_.TellAt(), std::nullopt);
  limit_.TellAll({0, 5 * kMinute});
  EXPECT_EQ(announcer_.Events().size(), 200U);
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(AnAnnounceLimit, TellsALastBurstWhenItsMinuteIsOver) {
  for (int i = 0; i < 61; ++i) Announce(EventType::kPluginFailed, 100);
  for (int i = 0; i < 62; ++i) Announce(EventType::kPluginSkipped, 500);
  EXPECT_EQ(limit_.TellAt(), 100 + kMinute);
  limit_.Tell({0, 99 + kMinute});
  EXPECT_THAT(Told(), IsEmpty());
  limit_.Tell({0, 100 + kMinute});
  EXPECT_THAT(Told(), ElementsAre("plugin.failed 1"));
  EXPECT_EQ(limit_.TellAt(), 500 + kMinute);
  limit_.Tell({0, 500 + kMinute});
  EXPECT_THAT(Told(), ElementsAre("plugin.failed 1", "plugin.skipped 2"));
  EXPECT_EQ(limit_.TellAt(), std::nullopt);
  limit_.Tell({0, 9 * kMinute});
  EXPECT_EQ(Told().size(), 2U);
}

TEST_F(AnAnnounceLimit, TellsAllAtTheEnd) {
  for (int i = 0; i < 61; ++i) Announce(EventType::kPluginSkipped, i);
  for (int i = 0; i < 62; ++i) Announce(EventType::kPluginFailed, i);
  limit_.TellAll({77, 100});
  EXPECT_THAT(Told(), UnorderedElementsAre("plugin.skipped 1", "plugin.failed 2"));
  EXPECT_EQ(announcer_.Events().back().time, (Timestamp{77, 100}));
}

TEST_F(AnAnnounceLimit, MakesNoEventWhoseChainIsTooLongButCountsIt) {
  Announce(EventType::kPluginFailed, 5, 9);
  EXPECT_THAT(announcer_.Events(), IsEmpty());
  EXPECT_EQ(limit_.TellAt(), 5 + kMinute);
  Announce(EventType::kPluginFailed, 6, 8);
  ASSERT_EQ(announcer_.Events().size(), 1U);
  EXPECT_EQ(announcer_.Events().front().chain, 8U);
  limit_.Tell({0, 5 + kMinute});
  EXPECT_THAT(Told(), ElementsAre("plugin.failed 1"));
}

}  // namespace
}  // namespace broker
