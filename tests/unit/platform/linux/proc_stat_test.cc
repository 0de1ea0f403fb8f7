#include "platform/linux/proc_stat.h"

#include <string>

#include <gtest/gtest.h>

namespace broker {
namespace {

std::string StatOf(const std::string& name) {
  return "71 (" + name + ") S 1 71 71 0 -1 4194560 94 0 0 0 7 8 0 0 20 0 1 0 4711 2600960 235\n";
}

TEST(AProcessesStat, SaysWhenItWasStarted) {
  EXPECT_EQ(StartTicksIn(StatOf("cat")), 4711);
}

TEST(AProcessesStat, MayHaveANameLikeItsOtherFields) {
  EXPECT_EQ(StartTicksIn(StatOf("a) S 1 (b\n c")), 4711);
  EXPECT_EQ(StartTicksIn(StatOf("")), 4711);
}

TEST(AProcessesStat, ThatIsCutShortSaysNothing) {
  EXPECT_EQ(StartTicksIn(""), std::nullopt);
  EXPECT_EQ(StartTicksIn("71 (cat"), std::nullopt);
  EXPECT_EQ(StartTicksIn("71 (cat) S 1 71"), std::nullopt);
  EXPECT_EQ(StartTicksIn(StatOf("cat").substr(0, StatOf("cat").find("4711"))), std::nullopt);
}

}  // namespace
}  // namespace broker
