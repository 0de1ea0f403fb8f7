#include "eventlog/gaps.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Record(Gaps& gaps, Seq first) {
  std::vector<std::string> recorded;
  for (const Gap& gap : gaps.Record(first)) {
    recorded.push_back(std::to_string(gap.from) + "-" + std::to_string(gap.to) + " " + gap.reason);
  }
  return recorded;
}

TEST(Gaps, ThatFollowEachOtherForOneReasonAreOne) {
  Gaps gaps;
  EXPECT_TRUE(gaps.Empty());
  EXPECT_EQ(gaps.GiveUp(4, 6, "late"), 3U);
  EXPECT_EQ(gaps.GiveUp(7, 7, "late"), 1U);
  EXPECT_EQ(gaps.GiveUp(8, 9, "lost"), 2U);
  EXPECT_EQ(gaps.GiveUp(1, 2, "lost"), 2U);
  EXPECT_FALSE(gaps.Empty());
  EXPECT_THAT(Record(gaps, 10), ElementsAre("1-2 lost", "4-7 late", "8-9 lost"));
  EXPECT_TRUE(gaps.Empty());
}

TEST(Gaps, WhoseRecordIsLostAreRecordedAgain) {
  Gaps gaps;
  gaps.GiveUp(1, 2, "lost");
  gaps.GiveUp(4, 6, "late");
  Record(gaps, 7);
  EXPECT_EQ(gaps.GiveUp(8, 9, "late"), 2U);
  EXPECT_THAT(Record(gaps, 10), ElementsAre("4-6 late", "8-9 late"));
}

TEST(Gaps, WhoseRecordStandsAreNotNamedTwice) {
  Gaps gaps;
  gaps.GiveUp(4, 6, "late");
  Record(gaps, 9);
  EXPECT_EQ(gaps.GiveUp(2, 8, "lost"), 4U);
  EXPECT_THAT(Record(gaps, 10), ElementsAre("2-3 lost", "7-8 lost"));
}

TEST(Gaps, WhoseRecordCannotBeLostAnyMoreAreForgotten) {
  Gaps gaps;
  gaps.GiveUp(4, 6, "late");
  Record(gaps, 7);
  gaps.Settle(7);
  gaps.GiveUp(7, 8, "late");
  EXPECT_THAT(Record(gaps, 9), ElementsAre("7-8 late"));
}

}  // namespace
}  // namespace broker
