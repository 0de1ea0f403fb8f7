#include "settings/suggest.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

const std::vector<std::string>& Known() {
  static const std::vector<std::string> kKnown{"directory", "segment_size", "total_size", "type",
                                               "log"};
  return kKnown;
}

TEST(AMisspeltWord, LeadsToTheNearestKnownOne) {
  EXPECT_EQ(Nearest("segmnt_size", Known()), "segment_size");
  EXPECT_EQ(Nearest("directorry", Known()), "directory");
  EXPECT_EQ(Nearest("totel_size", Known()), "total_size");
  EXPECT_EQ(Nearest("logs", Known()), "log");
}

TEST(SwappedLetters, CountOnce) {
  EXPECT_EQ(Nearest("tpye", Known()), "type");
}

TEST(CaseAndHyphens, CountForNothing) {
  EXPECT_EQ(Nearest("Segment-Size", Known()), "segment_size");
  EXPECT_EQ(Nearest("TYPE", Known()), "type");
}

TEST(TheNearestWord, WinsOverNearOnes) {
  EXPECT_EQ(Nearest("abcdef", {"abcxyf", "abcdeg", "abcxef"}), "abcdeg");
}

TEST(AWordThatIsFarFromAll, LeadsToNone) {
  EXPECT_EQ(Nearest("colour", Known()), std::nullopt);
  EXPECT_EQ(Nearest("", Known()), std::nullopt);
  EXPECT_EQ(Nearest("x", {"y"}), std::nullopt);
  EXPECT_EQ(Nearest("path", {"pace"}), std::nullopt);
  EXPECT_EQ(Nearest("word", {}), std::nullopt);
}

TEST(AHugeWord, IsNotCompared) {
  EXPECT_EQ(Nearest(std::string(1U << 20U, 'x'), Known()), std::nullopt);
}

}  // namespace
}  // namespace broker
