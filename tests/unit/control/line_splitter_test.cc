#include "control/line_splitter.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

TEST(ALineSplitter, GivesLinesWithoutTheirNewlines) {
  LineSplitter lines(16);
  lines.Append("one\ntwo\n\n");
  EXPECT_EQ(lines.Next(), "one");
  EXPECT_EQ(lines.Next(), "two");
  EXPECT_EQ(lines.Next(), "");
  EXPECT_EQ(lines.Next(), std::nullopt);
  EXPECT_FALSE(lines.Partial());
}

TEST(ALineSplitter, JoinsWhatComesInPieces) {
  LineSplitter lines(16);
  for (const char byte : std::string("ab\ncd")) {
    lines.Append({&byte, 1});
    EXPECT_EQ(lines.Next(), byte == '\n' ? std::optional<std::string>("ab") : std::nullopt);
  }
  EXPECT_TRUE(lines.Partial());
  lines.Append("\n");
  EXPECT_EQ(lines.Next(), "cd");
}

TEST(ALineSplitter, TakesALineOfExactlyTheLimit) {
  LineSplitter lines(4);
  lines.Append("abc\n");
  EXPECT_EQ(lines.Next(), "abc");
  EXPECT_FALSE(lines.TooLong());
}

TEST(ALineSplitter, RefusesALineAboveTheLimitWhetherItEndsOrNot) {
  LineSplitter open(4);
  open.Append("abcd");
  EXPECT_EQ(open.Next(), std::nullopt);
  EXPECT_TRUE(open.TooLong());

  LineSplitter closed(4);
  closed.Append("x\nabcd\n");
  EXPECT_EQ(closed.Next(), "x");
  EXPECT_EQ(closed.Next(), std::nullopt);
  EXPECT_TRUE(closed.TooLong());
}

}  // namespace
}  // namespace broker
