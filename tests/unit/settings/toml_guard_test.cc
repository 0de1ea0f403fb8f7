#include "settings/toml_guard.h"

#include <gtest/gtest.h>

#include <string>

namespace broker {
namespace {

std::string Repeat(std::string_view part, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += part;
  return out;
}

/// Where the hazard of `text` is.
std::optional<size_t> HazardAt(std::string_view text) {
  const std::optional<TomlHazard> hazard = ScanToml(text).hazard;
  if (!hazard) return std::nullopt;
  EXPECT_FALSE(hazard->message.empty());
  return hazard->offset;
}

/// `text` as the parser gets it.
std::string Escaped(std::string_view text) {
  const TomlScan scan = ScanToml(text);
  EXPECT_FALSE(scan.hazard.has_value()) << text;
  return WithEscapes(text, scan.to_escape);
}

TEST(Nesting, UpToTheLimitIsFine) {
  EXPECT_EQ(HazardAt(""), std::nullopt);
  EXPECT_EQ(HazardAt("a = " + Repeat("[", kMaxTomlNesting)), std::nullopt);
  EXPECT_EQ(HazardAt(Repeat("a.", kMaxTomlNesting - 1) + "a = 1"), std::nullopt);
}

TEST(Nesting, IsPassedByTheFirstBracketTooMany) {
  EXPECT_EQ(HazardAt("a = " + Repeat("[", kMaxTomlNesting + 1)), 4 + kMaxTomlNesting);
  EXPECT_EQ(HazardAt("a = " + Repeat("{a=", kMaxTomlNesting + 1)), 4 + 3 * kMaxTomlNesting);
}

TEST(Nesting, IsPassedByTheFirstPartOfAKeyTooMany) {
  const size_t last_dot = 2 * kMaxTomlNesting - 1;
  EXPECT_EQ(HazardAt(Repeat("a.", kMaxTomlNesting) + "a = 1"), last_dot);
  EXPECT_EQ(HazardAt(Repeat("a .", kMaxTomlNesting) + "a = 1"), 3 * kMaxTomlNesting - 1);
  EXPECT_EQ(HazardAt("[" + Repeat("a.", kMaxTomlNesting) + "a]"), last_dot + 1);
}

TEST(Nesting, CountsQuotedPartsOfAKey) {
  EXPECT_TRUE(HazardAt(Repeat("'a'.\"b\".", kMaxTomlNesting) + "a = 1").has_value());
}

TEST(ClosedBrackets, CountNoMore) {
  EXPECT_EQ(HazardAt(Repeat("a = [{}]\n", 1000)), std::nullopt);
  EXPECT_EQ(HazardAt(Repeat("]", 1000) + Repeat("[", kMaxTomlNesting)), std::nullopt);
}

TEST(DotsOfDifferentKeys, AreNotAddedUp) {
  EXPECT_EQ(HazardAt(Repeat("a.b = 1.5\n", 1000)), std::nullopt);
  EXPECT_EQ(HazardAt("a = [" + Repeat("1.5, ", 1000) + "]"), std::nullopt);
}

TEST(CharactersBeyondAscii, AreRefusedOutsideOfStringsAndComments) {
  EXPECT_EQ(HazardAt("\nä = 1"), 1U);
  EXPECT_EQ(HazardAt("a =\u00A0 1"), 3U);
  EXPECT_EQ(HazardAt("[a\uFBEF]"), 2U);
  EXPECT_EQ(HazardAt("a = 1 😀"), 6U);
  EXPECT_EQ(HazardAt("# ä"), std::nullopt);
  EXPECT_EQ(HazardAt("'ä' = \"ä\""), std::nullopt);
  EXPECT_EQ(HazardAt("a = \"\"\"ä\nä\"\"\"\nb = '''ä\nä\\\nä'''"), std::nullopt);
}

TEST(CharactersBeyondAscii, AreRefusedBehindABackslashInAMultiLineString) {
  EXPECT_EQ(HazardAt(R"(a = """\ä""")"), 8U);
  EXPECT_EQ(HazardAt(R"(a = """\ ä""")"), 9U);
}

TEST(CharactersBeyondAscii, AreEscapedWhereAContinuedLineBegins) {
  EXPECT_EQ(Escaped("a = \"\"\"x\\\n  ää\"\"\""), "a = \"\"\"x\\\n  \\U000000E4ä\"\"\"");
  EXPECT_EQ(Escaped("a = \"\"\"\\ \r\n\n\t😀\\\n€\"\"\" # ä"),
            "a = \"\"\"\\ \r\n\n\t\\U0001F600\\\n\\U000020AC\"\"\" # ä");
}

TEST(ANumber, EndsBeforeAnythingThatIsNotOfIt) {
  EXPECT_EQ(HazardAt("a = 13b\"x\""), 7U);
  EXPECT_EQ(HazardAt("a = 1.\"ä\""), 6U);
  EXPECT_EQ(HazardAt("a = -1='ä'"), 6U);
  EXPECT_EQ(HazardAt("a = [1, +2['ä']]"), 10U);
  EXPECT_EQ(HazardAt("a = [\n1(2)]"), 7U);
  EXPECT_EQ(HazardAt("a = {b = 1{'ä'}}"), 10U);
  EXPECT_EQ(HazardAt("a = 1979-05-27 1\"ä\""), 16U);
}

TEST(NumbersDatesAndNumericKeys, AreNoHazards) {
  for (const std::string text :
       {"a = 1979-05-27 07:32:00.5Z # 'ä'", "a = [1, -2.5e+3, 0xFF_FF, 07:32:00]\n", "1=\"ä\"",
        "1.\"ä\" = 2", "a = {1='ä', 2.'ö' = 3}", "a = [{1='ä'}, {2='ö'}]", "[1.'ä']\n-1='ü'",
        "a = 1 \"ä\"", "a = [1\n,\n'ä']", "a = 1\r\n2=''"}) {
    EXPECT_EQ(HazardAt(text), std::nullopt) << text;
  }
}

TEST(OtherTexts, AreNotChanged) {
  for (const std::string text : {"", "a = 1", "a = \"ä\"", "a = \"\"\"\\\n xä\"\"\"",
                                 "a = \"\"\"\\\\\nä\"\"\"", "a = '''\\\nä'''", "a = \"\"\"\\\n"}) {
    EXPECT_EQ(Escaped(text), text);
  }
}

TEST(StringsAndComments, DoNotCount) {
  const std::string deep = Repeat("[", 100) + Repeat(".", 100);
  EXPECT_EQ(HazardAt("# " + deep), std::nullopt);
  EXPECT_EQ(HazardAt("a = \"" + deep + "\""), std::nullopt);
  EXPECT_EQ(HazardAt("a = '" + deep + "'"), std::nullopt);
  EXPECT_EQ(HazardAt("a = \"\"\"\n" + deep + "\n\"\"\""), std::nullopt);
  EXPECT_EQ(HazardAt("a = '''\n" + deep + "\n'''"), std::nullopt);
}

TEST(WhatFollowsAString, Counts) {
  const std::string deep = Repeat("[", 100);
  for (const std::string before : {R"("")", R"("\"")", R"("\\")", R"('\')", R"("""a"b""c""")",
                                   R"("""a""""")", R"("""a"""")", R"('''a'''')", R"("""\"""""")",
                                   R"('''a''''')", R"('''\''')", R"("#")", R"('"')", R"("'")"}) {
    EXPECT_TRUE(HazardAt("a = " + before + deep).has_value()) << before;
    EXPECT_EQ(HazardAt("a = " + before + " # " + deep), std::nullopt) << before;
  }
}

TEST(AnUnclosedString, EndsWithItsLine) {
  EXPECT_TRUE(HazardAt("a = \"x\n" + Repeat("[", 100)).has_value());
  EXPECT_TRUE(HazardAt("a = \"x\\\n" + Repeat("[", 100)).has_value());
  EXPECT_EQ(HazardAt("a = \"\"\"x\n" + Repeat("[", 100)), std::nullopt);
}

}  // namespace
}  // namespace broker
