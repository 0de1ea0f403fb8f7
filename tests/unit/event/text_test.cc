#include "event/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace broker {
namespace {

using std::string_literals::operator""s;

TEST(ValidUtf8, IsAcceptedUpToTheLastCodePoint) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("plain"));
  EXPECT_TRUE(IsUtf8("\0"s));
  EXPECT_TRUE(IsUtf8("\x7F"));
  EXPECT_TRUE(IsUtf8("\xC2\x80"));
  EXPECT_TRUE(IsUtf8("\xDF\xBF"));
  EXPECT_TRUE(IsUtf8("\xE0\xA0\x80"));
  EXPECT_TRUE(IsUtf8("\xED\x9F\xBF"));
  EXPECT_TRUE(IsUtf8("\xEE\x80\x80"));
  EXPECT_TRUE(IsUtf8("\xEF\xBF\xBF"));
  EXPECT_TRUE(IsUtf8("\xF0\x90\x80\x80"));
  EXPECT_TRUE(IsUtf8("\xF4\x8F\xBF\xBF"));
}

TEST(OverlongForms, AreNotUtf8) {
  EXPECT_FALSE(IsUtf8("\xC0\x80"));
  EXPECT_FALSE(IsUtf8("\xC1\xBF"));
  EXPECT_FALSE(IsUtf8("\xE0\x80\xAF"));
  EXPECT_FALSE(IsUtf8("\xE0\x9F\xBF"));
  EXPECT_FALSE(IsUtf8("\xF0\x80\x80\xAF"));
  EXPECT_FALSE(IsUtf8("\xF0\x8F\xBF\xBF"));
}

TEST(Surrogates, AreNotUtf8) {
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsUtf8("\xED\xBF\xBF"));
}

TEST(CodePointsBeyondUnicode, AreNotUtf8) {
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xF5\x80\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xFF"));
}

TEST(IncompleteCharacters, AreNotUtf8) {
  EXPECT_FALSE(IsUtf8("\x80"));
  EXPECT_FALSE(IsUtf8("\xC3"));
  EXPECT_FALSE(IsUtf8("\xE2\x82"));
  EXPECT_FALSE(IsUtf8("\xF0\x9F\x98"));
  EXPECT_FALSE(IsUtf8("\xC3("));
  EXPECT_FALSE(IsUtf8("\xE2\x28\xA1"));
}

TEST(TheValidPrefix, EndsAtTheFirstBadByte) {
  EXPECT_EQ(Utf8Prefix(""), 0U);
  EXPECT_EQ(Utf8Prefix("aäb"), 4U);
  EXPECT_EQ(Utf8Prefix("aä\xFFü"), 3U);
  EXPECT_EQ(Utf8Prefix("ab\xE2\x82"), 2U);
}

TEST(ToUtf8, LeavesValidTextAsItIs) {
  EXPECT_EQ(ToUtf8("Jürgen 😀", 100), "Jürgen 😀");
  EXPECT_EQ(ToUtf8("", 0), "");
  EXPECT_EQ(ToUtf8("a\0b"s, 100), "a\0b"s);
}

TEST(ToUtf8, WritesBadBytesAsTheirHexadecimalValue) {
  EXPECT_EQ(ToUtf8("J\xFCrgen", 100), "J\\xFCrgen");
  EXPECT_EQ(ToUtf8("\xE2\x82", 100), "\\xE2\\x82");
  EXPECT_EQ(ToUtf8("\xED\xA0\x80!", 100), "\\xED\\xA0\\x80!");
  EXPECT_EQ(ToUtf8("\xC3\xC3\xA4", 100), "\\xC3ä");
}

TEST(ToUtf8, KeepsATextOfExactlyTheLimit) {
  EXPECT_EQ(ToUtf8("abcdef", 6), "abcdef");
  EXPECT_EQ(ToUtf8("aä", 3), "aä");
}

TEST(ToUtf8, ClosesALongerTextWithAnEllipsisWithinTheLimit) {
  EXPECT_EQ(ToUtf8("abcdefg", 6), "abc…");
  EXPECT_EQ(ToUtf8("abcdefg", 3), "…");
}

TEST(ToUtf8, NeverCutsThroughACharacterOrAnEscape) {
  EXPECT_EQ(ToUtf8("aäöü", 6), "aä…");
  EXPECT_EQ(ToUtf8("ab\xFF\xFF", 8), "ab…");
  EXPECT_EQ(ToUtf8("ab\xFF\xFF", 9), "ab\\xFF…");
}

TEST(ToUtf8, StaysWithinALimitThatHasNoRoomForTheEllipsis) {
  EXPECT_EQ(ToUtf8("abc", 2), "");
  EXPECT_EQ(ToUtf8("abc", 0), "");
}

TEST(ToUtf8, IsValidAndShortEnoughForEveryByteAndLimit) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = "ä" + std::string(3, static_cast<char>(byte)) + "€";
    for (size_t limit = 0; limit < 24; ++limit) {
      const std::string out = ToUtf8(text, limit);
      ASSERT_TRUE(IsUtf8(out)) << byte << " cut to " << limit;
      ASSERT_LE(out.size(), limit);
    }
  }
}

TEST(TerminalText, KeepsWhatCanBeSeen) {
  EXPECT_EQ(EscapeForTerminal("Zoë 名前 😀 \"quoted\" \\"), "Zoë 名前 😀 \"quoted\" \\");
}

TEST(TerminalText, ShowsControlCharacters) {
  EXPECT_EQ(EscapeForTerminal("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(EscapeForTerminal("\x1B[31mred"), "\\x1B[31mred");
  EXPECT_EQ(EscapeForTerminal("a\rb\x7F"), "a\\x0Db\\x7F");
  EXPECT_EQ(EscapeForTerminal("a\0b"s), "a\\x00b");
}

TEST(TerminalText, ShowsC1CharactersAndNothingBesideThem) {
  EXPECT_EQ(EscapeForTerminal("\xC2\x80 \xC2\x9B \xC2\x9F"), "\\u0080 \\u009B \\u009F");
  EXPECT_EQ(EscapeForTerminal("\xC2\xA0"), "\xC2\xA0");
}

TEST(TerminalText, ShowsEveryBidirectionalControl) {
  EXPECT_EQ(EscapeForTerminal("\u061C\u200E\u200F"), "\\u061C\\u200E\\u200F");
  EXPECT_EQ(EscapeForTerminal("\u202A\u202B\u202C\u202D\u202E"),
            "\\u202A\\u202B\\u202C\\u202D\\u202E");
  EXPECT_EQ(EscapeForTerminal("\u2066\u2067\u2068\u2069"), "\\u2066\\u2067\\u2068\\u2069");
}

TEST(TerminalText, ShowsUnicodeLineSeparators) {
  EXPECT_EQ(EscapeForTerminal("a\u2028b\u2029"), "a\\u2028b\\u2029");
}

TEST(TerminalText, KeepsTheNeighboursOfBidirectionalControls) {
  const std::string neighbours = "\u061B\u061D\u200D\u2010\u2027\u202F\u2065\u206A";
  EXPECT_EQ(EscapeForTerminal(neighbours), neighbours);
}

TEST(TerminalText, ShowsBytesThatAreNoCharacter) {
  EXPECT_EQ(EscapeForTerminal("J\xFCrgen\x9B"), "J\\xFCrgen\\x9B");
}

TEST(Columns, AreCountedByCodePoint) {
  EXPECT_EQ(Columns(""), 0U);
  EXPECT_EQ(Columns("abc"), 3U);
  EXPECT_EQ(Columns("äöü€😀"), 5U);
  EXPECT_EQ(Columns("\xFF\xFE"), 2U);
}

TEST(Globs, MatchPlainTextAsAWhole) {
  EXPECT_TRUE(MatchesGlob("session.logon", "session.logon"));
  EXPECT_FALSE(MatchesGlob("session.logon", "session.logoff"));
  EXPECT_FALSE(MatchesGlob("session", "session.logon"));
  EXPECT_FALSE(MatchesGlob("session.logon", "session"));
  EXPECT_TRUE(MatchesGlob("", ""));
  EXPECT_FALSE(MatchesGlob("", "a"));
}

TEST(Globs, TakeAnyRunForAStar) {
  EXPECT_TRUE(MatchesGlob("*", ""));
  EXPECT_TRUE(MatchesGlob("*", "anything"));
  EXPECT_TRUE(MatchesGlob("session.*", "session.logon"));
  EXPECT_TRUE(MatchesGlob("session.*", "session."));
  EXPECT_FALSE(MatchesGlob("session.*", "system.resumed"));
  EXPECT_TRUE(MatchesGlob("*.log*", "session.logoff"));
  EXPECT_TRUE(MatchesGlob("*ab*ab", "abxabab"));
  EXPECT_FALSE(MatchesGlob("*ab*ab", "abxaba"));
  EXPECT_TRUE(MatchesGlob("a**b", "ab"));
}

TEST(Globs, TakeOneCodePointForAQuestionMark) {
  EXPECT_TRUE(MatchesGlob("c?", "c1"));
  EXPECT_FALSE(MatchesGlob("c?", "c"));
  EXPECT_FALSE(MatchesGlob("c?", "c12"));
  EXPECT_TRUE(MatchesGlob("J?rgen", "Jürgen"));
  EXPECT_TRUE(MatchesGlob("?*?", "ab"));
  EXPECT_FALSE(MatchesGlob("?*?", "a"));
}

TEST(Globs, HaveNoClassesAndNoEscapes) {
  EXPECT_TRUE(MatchesGlob("[ab]", "[ab]"));
  EXPECT_FALSE(MatchesGlob("[ab]", "a"));
  EXPECT_TRUE(MatchesGlob("\\*", "\\x"));
}

TEST(Globs, DoNotMatchHalfOfACharacter) {
  EXPECT_FALSE(MatchesGlob("\xC3*", "ä"));
}

TEST(Globs, EndInTimeWithManyStars) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(MatchesGlob(pattern + "b", std::string(5000, 'a')));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace broker
