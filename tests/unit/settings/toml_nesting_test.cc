#include "settings/toml_nesting.h"

#include <gtest/gtest.h>

#include <string>

namespace broker {
namespace {

std::string Repeat(std::string_view part, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += part;
  return out;
}

TEST(Nesting, UpToTheLimitIsFine) {
  EXPECT_EQ(FindTooDeepNesting(""), std::nullopt);
  EXPECT_EQ(FindTooDeepNesting("a = " + Repeat("[", kMaxTomlNesting)), std::nullopt);
  EXPECT_EQ(FindTooDeepNesting(Repeat("a.", kMaxTomlNesting - 1) + "a = 1"), std::nullopt);
}

TEST(Nesting, IsPassedByTheFirstBracketTooMany) {
  EXPECT_EQ(FindTooDeepNesting("a = " + Repeat("[", kMaxTomlNesting + 1)), 4 + kMaxTomlNesting);
  EXPECT_EQ(FindTooDeepNesting("a = " + Repeat("{a=", kMaxTomlNesting + 1)),
            4 + 3 * kMaxTomlNesting);
}

TEST(Nesting, IsPassedByTheFirstPartOfAKeyTooMany) {
  const size_t last_dot = 2 * kMaxTomlNesting - 1;
  EXPECT_EQ(FindTooDeepNesting(Repeat("a.", kMaxTomlNesting) + "a = 1"), last_dot);
  EXPECT_EQ(FindTooDeepNesting(Repeat("a .", kMaxTomlNesting) + "a = 1"), 3 * kMaxTomlNesting - 1);
  EXPECT_EQ(FindTooDeepNesting("[" + Repeat("a.", kMaxTomlNesting) + "a]"), last_dot + 1);
}

TEST(Nesting, CountsQuotedPartsOfAKey) {
  EXPECT_TRUE(FindTooDeepNesting(Repeat("'a'.\"b\".", kMaxTomlNesting) + "a = 1").has_value());
}

TEST(ClosedBrackets, CountNoMore) {
  EXPECT_EQ(FindTooDeepNesting(Repeat("a = [{}]\n", 1000)), std::nullopt);
  EXPECT_EQ(FindTooDeepNesting(Repeat("]", 1000) + Repeat("[", kMaxTomlNesting)), std::nullopt);
}

TEST(DotsOfDifferentKeys, AreNotAddedUp) {
  EXPECT_EQ(FindTooDeepNesting(Repeat("a.b = 1.5\n", 1000)), std::nullopt);
  EXPECT_EQ(FindTooDeepNesting("a = [" + Repeat("1.5, ", 1000) + "]"), std::nullopt);
}

TEST(StringsAndComments, DoNotCount) {
  const std::string deep = Repeat("[", 100) + Repeat(".", 100);
  EXPECT_EQ(FindTooDeepNesting("# " + deep), std::nullopt);
  EXPECT_EQ(FindTooDeepNesting("a = \"" + deep + "\""), std::nullopt);
  EXPECT_EQ(FindTooDeepNesting("a = '" + deep + "'"), std::nullopt);
  EXPECT_EQ(FindTooDeepNesting("a = \"\"\"\n" + deep + "\n\"\"\""), std::nullopt);
  EXPECT_EQ(FindTooDeepNesting("a = '''\n" + deep + "\n'''"), std::nullopt);
}

TEST(WhatFollowsAString, Counts) {
  const std::string deep = Repeat("[", 100);
  for (const std::string before :
       {R"("")", R"("\"")", R"("\\")", R"('\')", R"("""a"b""c""")", R"("""a""""")", R"("""\"""""")",
        R"('''a''''')", R"('''\''')", R"("#")", R"('"')", R"("'")"}) {
    EXPECT_TRUE(FindTooDeepNesting("a = " + before + deep).has_value()) << before;
    EXPECT_EQ(FindTooDeepNesting("a = " + before + " # " + deep), std::nullopt) << before;
  }
}

TEST(AnUnclosedString, EndsWithItsLine) {
  EXPECT_TRUE(FindTooDeepNesting("a = \"x\n" + Repeat("[", 100)).has_value());
  EXPECT_TRUE(FindTooDeepNesting("a = \"x\\\n" + Repeat("[", 100)).has_value());
  EXPECT_EQ(FindTooDeepNesting("a = \"\"\"x\n" + Repeat("[", 100)), std::nullopt);
}

}  // namespace
}  // namespace broker
