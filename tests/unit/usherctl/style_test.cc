#include "usherctl/style.h"

#include <gtest/gtest.h>

#include "event/text.h"

namespace broker {
namespace {

TEST(StyledText, HasCodesOnlyWhereColoursAreAllowed) {
  EXPECT_EQ(Styled("failed", Style::kAlarm, false), "failed");
  EXPECT_EQ(Styled("failed", Style::kAlarm, true), "\x1b[31mfailed\x1b[0m");
  EXPECT_EQ(Styled("running", Style::kPlain, true), "running");
}

TEST(ShownText, IsSafeForATerminal) {
  EXPECT_EQ(Shown("a\x1b[2Jb\nc", 40), EscapeForTerminal("a\x1b[2Jb\nc"));
  EXPECT_EQ(Shown("a\x1b[2Jb\nc", 40).find_first_of("\x1b\n"), std::string::npos);
}

TEST(ShownText, IsCutToItsColumns) {
  EXPECT_EQ(Shown("alice", 5), "alice");
  EXPECT_EQ(Shown("alices", 5), "alic…");
  EXPECT_EQ(Shown("☃☃☃☃", 3), "☃☃…");
  EXPECT_EQ(Columns(Shown(std::string(10'000, 'x'), 32)), 32U);
}

TEST(ShownTime, IsForPeople) {
  EXPECT_EQ(ShownTime(1'777'881'612'123'456), "2026-05-04 08:00:12");
  EXPECT_EQ(ShownTime(0), "-");
}

}  // namespace
}  // namespace broker
