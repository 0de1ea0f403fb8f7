#include "platform/linux/failed_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Condition::TimePoint At(int64_t second) {
  return Condition::TimePoint(seconds(second));
}

TEST(FailedUnitsTest, KeepsEachUntilItIsTaken) {
  FailedUnits units;
  EXPECT_TRUE(units.IsEmpty());
  units.Keep("a.service", {7, At(5), {}});
  EXPECT_TRUE(units.Has("a.service"));
  EXPECT_FALSE(units.Has("b.service"));
  EXPECT_EQ(units.Take("b.service"), std::nullopt);
  const auto taken = units.Take("a.service");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->made_of, 7U);
  EXPECT_FALSE(units.Has("a.service"));
  EXPECT_TRUE(units.IsEmpty());
}

TEST(FailedUnitsTest, TellsWhoseTimeIsOver) {
  FailedUnits units;
  EXPECT_EQ(units.NextDue(), Condition::TimePoint::max());
  units.Keep("late.service", {1, At(9), {}});
  units.Keep("soon.service", {2, At(5), {}});
  EXPECT_EQ(units.NextDue(), At(5));
  EXPECT_THAT(units.TakeDue(At(4)), IsEmpty());
  EXPECT_THAT(units.TakeDue(At(5)), ElementsAre("soon.service"));
  EXPECT_EQ(units.NextDue(), At(9));
  EXPECT_THAT(units.TakeDue(Condition::TimePoint::max()), ElementsAre("late.service"));
  EXPECT_TRUE(units.IsEmpty());
}

TEST(FailedUnitsTest, TellsWhichWouldEndWithAUnit) {
  FailedUnits units;
  units.Keep("a.service", {1, At(5), "session-1.scope"});
  units.Keep("b.service", {2, At(5), "session-2.scope"});
  units.Keep("c.service", {3, At(5), "session-1.scope"});
  EXPECT_THAT(units.TakeBoundTo("session-1.scope"), ElementsAre("a.service", "c.service"));
  EXPECT_THAT(units.TakeBoundTo("session-1.scope"), IsEmpty());
  EXPECT_TRUE(units.Has("b.service"));
}

TEST(FailedUnitsTest, KeepsTheLastOneOfAName) {
  FailedUnits units;
  units.Keep("a.service", {1, At(5), {}});
  units.Keep("a.service", {2, At(9), {}});
  EXPECT_THAT(units.TakeDue(At(5)), IsEmpty());
  EXPECT_EQ(units.Take("a.service")->made_of, 2U);
}

}  // namespace
}  // namespace broker
