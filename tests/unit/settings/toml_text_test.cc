#include "settings/toml_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "settings/toml.h"

namespace broker {
namespace {

using std::string_literals::operator""s;

/// The one error of `text`; empty if it parses.
std::string ErrorOf(std::string_view text) {
  std::vector<SettingsError> errors;
  const auto table = ParseToml(text, "x.toml", errors);
  EXPECT_EQ(table == nullptr, errors.size() == 1) << text;
  return errors.empty() ? "" : ToString(errors.front());
}

TEST(AnEmptyText, IsAnEmptyTable) {
  EXPECT_EQ(ErrorOf(""), "");
  EXPECT_EQ(ErrorOf("\n\n# only a comment"), "");
}

TEST(AByteOrderMark, IsSkipped) {
  EXPECT_EQ(ErrorOf("\xEF\xBB\xBF"
                    "a = 1\n"),
            "");
  EXPECT_EQ(ErrorOf("\xEF\xBB\xBF"
                    "a = 1\na = 2\n"),
            "x.toml:2:1: \"a\" is defined a second time; remove one of the two");
}

TEST(ABadByte, IsNamedWithItsPlace) {
  EXPECT_EQ(ErrorOf("a = 1\nb = \"ä\xFC\"\n"),
            "x.toml:2:7: the byte \\xFC is no UTF-8; save the file as UTF-8 text");
  EXPECT_EQ(ErrorOf("\xFF\xFE"s + "a\0"s),
            "x.toml:1:1: the byte \\xFF is no UTF-8; save the file as UTF-8 text");
}

TEST(ANulCharacter, IsNamedWithItsPlace) {
  EXPECT_EQ(ErrorOf("a = 1\nb\0"s),
            "x.toml:2:2: a NUL character: this is no text file, or a damaged one");
}

TEST(OtherControlCharacters, AreSyntaxErrorsShownAsText) {
  const std::string error = ErrorOf("a = \"x\x1By\"\n");
  EXPECT_THAT(error, testing::StartsWith("x.toml:1:7: syntax error in a string: "));
  EXPECT_THAT(error, testing::Not(testing::HasSubstr("\x1B")));
}

TEST(DeepNesting, IsRefusedWithItsPlace) {
  const std::string expected = ": more than 32 levels of brackets or parts of a key";
  EXPECT_EQ(ErrorOf(std::string(100'000, '[')), "x.toml:1:33" + expected);
  EXPECT_EQ(ErrorOf("\na = " + std::string(100'000, '[')), "x.toml:2:37" + expected);
  std::string tables = "a = ";
  std::string key;
  for (int i = 0; i < 250'000; ++i) key += "a.";
  for (int i = 0; i < 250'000; ++i) tables += "{a=";
  EXPECT_EQ(ErrorOf(key + "a = 1"), "x.toml:1:64" + expected);
  EXPECT_EQ(ErrorOf("[" + key + "a]"), "x.toml:1:65" + expected);
  EXPECT_EQ(ErrorOf(tables), "x.toml:1:101" + expected);
}

TEST(NestingAtTheLimit, IsParsedAndFreed) {
  std::string key;
  for (int i = 0; i < 31; ++i) key += "a.";
  std::string text = "[" + key + "a]\n";
  for (int i = 0; i < 32; ++i) text += key + "b = {";
  text += std::string(32, '}');
  EXPECT_EQ(ErrorOf(text), "");
}

TEST(AKeyDefinedTwice, IsShownAtTheSecondKey) {
  EXPECT_EQ(ErrorOf("a = 1\n  a   =    2\n"),
            "x.toml:2:3: \"a\" is defined a second time; remove one of the two");
  EXPECT_EQ(ErrorOf("[log]\na.b = 1\na.b = \"\"\"\n\"\"\"\n"),
            "x.toml:3:1: \"a.b\" is defined a second time; remove one of the two");
  EXPECT_EQ(ErrorOf("t = {x = 1, y = 2, x = 3}\n"),
            "x.toml:1:20: \"x\" is defined a second time; remove one of the two");
}

TEST(AKeyDefinedTwice, IsShownBehindOtherLettersAsWell) {
  EXPECT_EQ(ErrorOf("t = {\"ä\" = 1, x = 2, x = 3}\n"),
            "x.toml:1:22: \"x\" is defined a second time; remove one of the two");
}

TEST(ATableDefinedTwice, IsShownAtTheSecondHeader) {
  EXPECT_EQ(ErrorOf("[log]\na = 1\n\n  [log]\n[b]\n"),
            "x.toml:4:3: the table [log] is defined a second time; join the two under one header");
  EXPECT_EQ(ErrorOf("[a.b]\n[ a.b ]"),
            "x.toml:2:1: the table [a.b] is defined a second time; join the two under one header");
}

TEST(ATableInsideAValue, IsShownAtItsHeader) {
  const std::string expected =
      " cannot be a table: it, or what it is in, is defined as something else already";
  EXPECT_EQ(ErrorOf("log = 5\n[log]\n[b]\n"), "x.toml:2:1: [log]" + expected);
  EXPECT_EQ(ErrorOf("log = 5\n[log.x]\n[b]\n"), "x.toml:2:1: [log.x]" + expected);
  EXPECT_EQ(ErrorOf("log = 5\n[log.x] # log.x, [x]\n[b]\n"), "x.toml:2:1: [log.x]" + expected);
  EXPECT_EQ(ErrorOf("log = 5\n\n[[log.x]]"), "x.toml:3:1: [log.x]" + expected);
}

TEST(ATableAddedToAClosedOne, IsShownAtItsHeader) {
  EXPECT_EQ(
      ErrorOf("log = {}\n[log.x]\n[b]\n"),
      "x.toml:2:1: [log.x] adds to a table that was closed with \"}\"; put its keys in there");
}

TEST(ADottedKeyIntoAValue, IsExplained) {
  EXPECT_EQ(ErrorOf("a = 1\na.b = 2\n"),
            "x.toml:2:1: this dotted key goes into something that is defined as a value already");
}

TEST(ATruncatedText, IsSaidToEndTooEarly) {
  EXPECT_EQ(ErrorOf("a = [1, 2"),
            "x.toml:1:10: the file ends in the middle of an array; is it complete?");
  EXPECT_EQ(ErrorOf("a = \"x"),
            "x.toml:1:7: the file ends in the middle of a string; is it complete?");
  EXPECT_EQ(ErrorOf("[log"),
            "x.toml:1:5: the file ends in the middle of a table header; is it complete?");
}

TEST(ATextWithoutQuotes, IsRemindedOfThem) {
  EXPECT_EQ(ErrorOf("a = /var/log\n"),
            "x.toml:1:5: this is no value; texts stand in quotes: key = \"text\"");
  EXPECT_EQ(ErrorOf("a = true-ish\n"),
            "x.toml:1:9: this is no value; texts stand in quotes: key = \"text\"");
  EXPECT_EQ(ErrorOf("a = 16 MiB\n"),
            "x.toml:1:8: something follows the value; texts stand in quotes: key = \"text\"");
}

TEST(AnIntegerBeyond64Bits, IsAnError) {
  EXPECT_EQ(ErrorOf("a = 9223372036854775807\n"), "");
  EXPECT_EQ(ErrorOf("a = 9223372036854775808\n"),
            "x.toml:1:24: syntax error in a decimal integer: '9223372036854775808' is not "
            "representable in 64 bits");
}

TEST(ACharacterBeyondAsciiOutsideOfQuotes, IsNamed) {
  EXPECT_EQ(
      ErrorOf("a = 1\nfarbe_ä = 2\n"),
      "x.toml:2:7: \"ä\" stands outside of quotes; texts, and keys with such characters, need "
      "them");
  EXPECT_EQ(ErrorOf("a = \"\"\"\n\\ä\"\"\""),
            "x.toml:2:2: a \"\\\" before this character; write \"\\\\\" for a backslash");
}

TEST(ALineContinuedWithACharacterBeyondAscii, KeepsItsMeaning) {
  std::vector<SettingsError> errors;
  const auto table = ParseToml("a = \"\"\"x \\\n   äöü\"\"\"\n", "x.toml", errors);
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->get("a")->value<std::string>(), "x äöü");
}

// The parser asserts on these, or assumes that they do not come: settings/toml.h.
TEST(TextsThatTheParserDoesNotExpect, AreErrorsAsAnyOther) {
  EXPECT_EQ(ErrorOf("[=]\n"),
            "x.toml:1:2: syntax error in a key: expected bare key starting character or string "
            "delimiter, saw '='");
  EXPECT_THAT(ErrorOf("[[[a]]]\n"), testing::StartsWith("x.toml:1:3: syntax error in a key: "));
  EXPECT_THAT(ErrorOf("a = 1979-05-27Tx07:32:00Z\n"),
              testing::StartsWith("x.toml:1:16: syntax error in a time: "));
}

TEST(RandomBytes, NeverCrashTheParser) {
  std::minstd_rand random(4711);
  for (int round = 0; round < 300; ++round) {
    std::string text(random() % 2000, '\0');
    for (char& c : text) c = static_cast<char>(random());
    std::vector<SettingsError> errors;
    (void)ParseToml(text, "x.toml", errors);
    EXPECT_LE(errors.size(), 1U);
  }
}

TEST(RandomTomlLikeText, NeverCrashesTheParser) {
  const std::vector<std::string> parts{"a", "b",  ".",  "=",      "[", "]",      "{",    "}",
                                       ",", "\"", "'",  "\\",     "#", "\n",     " ",    "1",
                                       "-", "+",  "_",  ":",      "e", "T",      "Z",    "x",
                                       "u", "\r", "\t", "\"\"\"", "ä", "\uFBEF", "true", "\\\n"};
  std::minstd_rand random(4712);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (size_t left = random() % 120; left > 0; --left) text += parts[random() % parts.size()];
    std::vector<SettingsError> errors;
    const auto table = ParseToml(text, "x.toml", errors);
    ASSERT_EQ(table == nullptr, errors.size() == 1) << text;
    if (table == nullptr) {
      ASSERT_GE(errors.front().position.line, 1U) << text;
      ASSERT_GE(errors.front().position.column, 1U) << text;
    }
  }
}

}  // namespace
}  // namespace broker
