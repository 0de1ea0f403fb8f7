#include "settings/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace broker {
namespace {

TEST(Sizes, AreReadInEveryUnit) {
  EXPECT_EQ(ParseBytes("7 B"), 7U);
  EXPECT_EQ(ParseBytes("512 KiB"), 524'288U);
  EXPECT_EQ(ParseBytes("16 MiB"), 16'777'216U);
  EXPECT_EQ(ParseBytes("1 GiB"), 1'073'741'824U);
  EXPECT_EQ(ParseBytes("2 TiB"), 2'199'023'255'552U);
  EXPECT_EQ(ParseBytes("0 B"), 0U);
}

TEST(Sizes, NeedNoSpaceBeforeTheUnit) {
  EXPECT_EQ(ParseBytes("16MiB"), 16'777'216U);
}

TEST(Sizes, MustHaveAKnownUnit) {
  for (const auto* text :
       {"16", "16 MB", "16 mib", "16 M", "MiB", "", " ", "16 MiB ", "16 MiB/s"}) {
    EXPECT_EQ(ParseBytes(text), std::nullopt) << text;
  }
}

TEST(Sizes, AreWholeNumbersThatAreNotNegative) {
  for (const auto* text : {"-1 B", "+1 B", "1.5 MiB", "0x10 B", " 1 B", "1e3 B"}) {
    EXPECT_EQ(ParseBytes(text), std::nullopt) << text;
  }
}

TEST(Sizes, ThatDoNotFitAreNone) {
  EXPECT_EQ(ParseBytes("18446744073709551615 B"), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(ParseBytes("18446744073709551616 B"), std::nullopt);
  EXPECT_EQ(ParseBytes("16777215 TiB"), 16777215ULL << 40U);
  EXPECT_EQ(ParseBytes("16777216 TiB"), std::nullopt);
}

TEST(Sizes, AreWrittenInTheLargestUnitThatDividesThem) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(1024), "1 KiB");
  EXPECT_EQ(FormatBytes(16ULL << 20U), "16 MiB");
  EXPECT_EQ(FormatBytes(3ULL << 40U), "3 TiB");
}

TEST(Times, AreReadInEveryUnit) {
  EXPECT_EQ(ParseDuration("5 us"), 5);
  EXPECT_EQ(ParseDuration("250 ms"), 250'000);
  EXPECT_EQ(ParseDuration("10 s"), 10'000'000);
  EXPECT_EQ(ParseDuration("5 min"), 300'000'000);
  EXPECT_EQ(ParseDuration("2 h"), 7'200'000'000);
  EXPECT_EQ(ParseDuration("7 d"), 604'800'000'000);
  EXPECT_EQ(ParseDuration("1 day"), 86'400'000'000);
  EXPECT_EQ(ParseDuration("7 days"), 604'800'000'000);
}

TEST(Times, ThatDoNotFitOrHaveNoUnitAreNone) {
  EXPECT_EQ(ParseDuration("9223372036854775807 us"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseDuration("9223372036854775808 us"), std::nullopt);
  EXPECT_EQ(ParseDuration("9223372036854775807 d"), std::nullopt);
  EXPECT_EQ(ParseDuration("9223372036854775807 days"), std::nullopt);
  EXPECT_EQ(ParseDuration("10"), std::nullopt);
  EXPECT_EQ(ParseDuration("10 sec"), std::nullopt);
  EXPECT_EQ(ParseDuration("-10 s"), std::nullopt);
}

TEST(Times, AreWrittenInTheLargestUnitThatDividesThem) {
  EXPECT_EQ(FormatDuration(0), "0 us");
  EXPECT_EQ(FormatDuration(1'500'000), "1500 ms");
  EXPECT_EQ(FormatDuration(60'000'000), "1 min");
  EXPECT_EQ(FormatDuration(172'800'000'000), "2 d");
  EXPECT_EQ(FormatDuration(-60'000'000), "-1 min");
}

TEST(WrittenQuantities, ReadBackAsTheSame) {
  for (const uint64_t bytes : {0ULL, 1ULL, 1000ULL, 65536ULL, (5ULL << 30U) + 1}) {
    EXPECT_EQ(ParseBytes(FormatBytes(bytes)), bytes);
  }
  for (const int64_t time : {0LL, 1LL, 999LL, 1'000LL, 86'400'000'001LL}) {
    EXPECT_EQ(ParseDuration(FormatDuration(time)), time);
  }
}

}  // namespace
}  // namespace broker
