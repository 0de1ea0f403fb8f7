#include "event/utc.h"

#include <limits>

#include <gtest/gtest.h>

namespace broker {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(AUtcTime, HasOneForm) {
  EXPECT_EQ(FormatUtc(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatUtc(1'777'881'612'123'456), "2026-05-04T08:00:12.123456Z");
}

TEST(AUtcTime, KnowsLeapDays) {
  EXPECT_EQ(FormatUtc(951'782'400 * kSecond), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(ParseUtc("2000-02-29T00:00:00.000000Z"), 951'782'400 * kSecond);
  EXPECT_EQ(ParseUtc("2001-02-29T00:00:00.000000Z"), std::nullopt);
}

TEST(AUtcTime, BeforeNineteenSeventyIsRight) {
  EXPECT_EQ(FormatUtc(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(ParseUtc("1969-12-31T23:59:59.999999Z"), -1);
}

TEST(AUtcTime, OutsideFourDigitYearsIsTheNearestInside) {
  EXPECT_EQ(FormatUtc(std::numeric_limits<int64_t>::max()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatUtc(std::numeric_limits<int64_t>::min()), "0000-01-01T00:00:00.000000Z");
}

TEST(AUtcTime, ComesBackFromItsText) {
  for (const int64_t time : {int64_t{0}, int64_t{-86'400} * kSecond, int64_t{1'777'881'612'123'456},
                             int64_t{253'402'300'799'999'999}}) {
    EXPECT_EQ(ParseUtc(FormatUtc(time)), time);
  }
}

TEST(AUtcTime, OfAnotherFormIsNone) {
  for (const char* text :
       {"", "2026-05-04", "2026-05-04T08:00:12Z", "2026-05-04 08:00:12.123456Z",
        "2026-05-04T08:00:12.123456", "2026-05-04T08:00:12.123456Z ", "2026-13-04T08:00:12.123456Z",
        "2026-05-04T24:00:12.123456Z", "2026-05-04T08:60:12.123456Z", "2026-05-04T08:00:61.123456Z",
        "+026-05-04T08:00:12.123456Z"}) {
    EXPECT_EQ(ParseUtc(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace broker
