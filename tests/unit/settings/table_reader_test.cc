#include "settings/table_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "settings/toml_text.h"

namespace broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Reads a text with a TableReader named "t" and keeps what it says.
class TableReading : public testing::Test {
 protected:
  TableReader& Read(const std::string& text) {
    document_ = ParseToml(text, "x.toml", errors_);
    EXPECT_NE(document_, nullptr) << text;
    errors_.clear();
    reader_ = std::make_unique<TableReader>(*document_, "t", "x.toml", errors_);
    return *reader_;
  }

  [[nodiscard]] std::vector<std::string> Errors() const {
    std::vector<std::string> lines;
    for (const SettingsError& error : errors_) lines.push_back(ToString(error));
    return lines;
  }

 private:
  std::shared_ptr<const toml::table> document_;
  std::vector<SettingsError> errors_;
  std::unique_ptr<TableReader> reader_;
};

TEST_F(TableReading, SetsWhatIsThere) {
  TableReader& reader = Read(
      "s = 'x'\nc = 'b'\ny = true\ni = -3\nn = 2\nf = 0.5\nb = '2 KiB'\np = 77\nd = '2 s'\n"
      "[sub]\n[[many]]\n[[many]]\n");
  std::string text;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;
  uint64_t bytes = 0;
  EXPECT_TRUE(reader.String("s", text));
  EXPECT_EQ(text, "x");
  EXPECT_TRUE(reader.Choice("c", {"a", "b"}, text));
  EXPECT_EQ(text, "b");
  EXPECT_TRUE(reader.Boolean("y", boolean));
  EXPECT_TRUE(boolean);
  EXPECT_TRUE(reader.Integer("i", -3, 3, integer));
  EXPECT_EQ(integer, -3);
  EXPECT_TRUE(reader.Number("n", 0, 2, number));
  EXPECT_EQ(number, 2.0);
  EXPECT_TRUE(reader.Number("f", 0.5, 2, number));
  EXPECT_EQ(number, 0.5);
  EXPECT_TRUE(reader.Bytes("b", 0, 2048, bytes));
  EXPECT_EQ(bytes, 2048U);
  EXPECT_TRUE(reader.Bytes("p", 77, 77, bytes));
  EXPECT_EQ(bytes, 77U);
  EXPECT_TRUE(reader.Duration("d", 0, 2'000'000, integer));
  EXPECT_EQ(integer, 2'000'000);
  EXPECT_NE(reader.Table("sub"), nullptr);
  EXPECT_EQ(reader.Tables("many").size(), 2U);
  reader.Finish();
  EXPECT_THAT(Errors(), IsEmpty());
}

TEST_F(TableReading, LeavesDefaultsWhereNothingIs) {
  TableReader& reader = Read("");
  std::string text = "default";
  bool boolean = true;
  int64_t integer = 5;
  double number = 1.5;
  uint64_t bytes = 9;
  EXPECT_FALSE(reader.String("s", text));
  EXPECT_FALSE(reader.Choice("c", {"default"}, text));
  EXPECT_FALSE(reader.Boolean("y", boolean));
  EXPECT_FALSE(reader.Integer("i", 0, 9, integer));
  EXPECT_FALSE(reader.Number("n", 0, 9, number));
  EXPECT_FALSE(reader.Bytes("b", 0, 9, bytes));
  EXPECT_FALSE(reader.Duration("d", 0, 9, integer));
  EXPECT_EQ(reader.Table("sub"), nullptr);
  EXPECT_THAT(reader.Tables("many"), IsEmpty());
  reader.Finish();
  EXPECT_THAT(Errors(), IsEmpty());
  EXPECT_EQ(text, "default");
  EXPECT_TRUE(boolean);
  EXPECT_EQ(integer, 5);
  EXPECT_EQ(number, 1.5);
  EXPECT_EQ(bytes, 9U);
}

TEST_F(TableReading, SaysForWrongTypesWhatIsExpectedAndFound) {
  TableReader& reader = Read(
      "s = 1\nc = true\ny = 'true'\ni = 1.5\nn = 'x'\nb = []\nd = 5\nsub = 1979-05-27\nmany = "
      "{}\n");
  std::string text = "default";
  bool boolean = true;
  int64_t integer = 2'000;
  double number = 1.5;
  uint64_t bytes = 1024;
  EXPECT_FALSE(reader.String("s", text));
  EXPECT_FALSE(reader.Choice("c", {"a", "b", "c"}, text));
  EXPECT_FALSE(reader.Boolean("y", boolean));
  EXPECT_FALSE(reader.Integer("i", 0, 9, integer));
  EXPECT_FALSE(reader.Number("n", 0, 9, number));
  EXPECT_FALSE(reader.Bytes("b", 0, 2048, bytes));
  EXPECT_FALSE(reader.Duration("d", 0, 9'000, integer));
  EXPECT_EQ(reader.Table("sub"), nullptr);
  EXPECT_THAT(reader.Tables("many"), IsEmpty());
  EXPECT_THAT(
      Errors(),
      ElementsAre(
          "x.toml:1:5: t.s: expected a text, e.g. s = \"default\"; found the integer 1",
          "x.toml:2:5: t.c: must be \"a\", \"b\" or \"c\"; found true",
          "x.toml:3:5: t.y: expected true or false, e.g. y = true; found the text \"true\"",
          "x.toml:4:5: t.i: expected an integer, e.g. i = 9; found the number 1.5",
          "x.toml:5:5: t.n: expected a number, e.g. n = 1.5; found the text \"x\"",
          "x.toml:6:5: t.b: expected a size in B, KiB, MiB, GiB or TiB, e.g. b = \"1 KiB\"; found "
          "an array",
          "x.toml:7:5: t.d: expected a time in us, ms, s, min, h or d, e.g. d = \"2 ms\"; found "
          "the "
          "integer 5",
          "x.toml:8:7: t.sub: expected a table, e.g. [t.sub]; found a date",
          "x.toml:9:8: t.many: expected an array of tables, e.g. [[t.many]]; found a table"));
}

TEST_F(TableReading, HoldsAlsoIntegersThatNoFloatingPointNumberIsAgainstTheRange) {
  TableReader& reader = Read("n = 9223372036854775807\nm = 9007199254740993\n");
  double number = 0;
  EXPECT_FALSE(reader.Number("n", 0, 9, number));
  EXPECT_TRUE(reader.Number("m", 0, 1e16, number));
  EXPECT_EQ(number, 9007199254740992.0);
  EXPECT_THAT(Errors(), ElementsAre("x.toml:1:5: t.n: must be from 0 to 9; found the integer "
                                    "9223372036854775807"));
}

TEST_F(TableReading, SaysForValuesOutOfRangeWhatTheRangeIs) {
  TableReader& reader =
      Read("i = 10\nj = -1\nn = -0.5\nm = nan\nl = inf\nb = '3 KiB'\np = -1\nd = '10 ms'\n");
  int64_t integer = 0;
  double number = 0;
  uint64_t bytes = 0;
  EXPECT_FALSE(reader.Integer("i", 0, 9, integer));
  EXPECT_FALSE(reader.Integer("j", 0, 9, integer));
  EXPECT_FALSE(reader.Number("n", 0, 1.5, number));
  EXPECT_FALSE(reader.Number("m", 0, 1.5, number));
  EXPECT_FALSE(reader.Number("l", 0, 1.5, number));
  EXPECT_FALSE(reader.Bytes("b", 0, 2048, bytes));
  EXPECT_FALSE(reader.Bytes("p", 0, 2048, bytes));
  EXPECT_FALSE(reader.Duration("d", 0, 9'000, integer));
  EXPECT_THAT(
      Errors(),
      ElementsAre("x.toml:1:5: t.i: must be from 0 to 9; found the integer 10",
                  "x.toml:2:5: t.j: must be from 0 to 9; found the integer -1",
                  "x.toml:3:5: t.n: must be from 0 to 1.5; found the number -0.5",
                  "x.toml:4:5: t.m: must be from 0 to 1.5; found the number nan",
                  "x.toml:5:5: t.l: must be from 0 to 1.5; found the number inf",
                  "x.toml:6:5: t.b: must be from \"0 B\" to \"2 KiB\"; found the text \"3 KiB\"",
                  "x.toml:7:5: t.p: must be from \"0 B\" to \"2 KiB\"; found the integer -1",
                  "x.toml:8:5: t.d: must be from \"0 us\" to \"9 ms\"; found the text \"10 ms\""));
}

TEST_F(TableReading, TakesUnlimitedAsNoTime) {
  TableReader& reader = Read("a = 'unlimited'\nb = '2 ms'\n");
  int64_t limit = 5;
  EXPECT_TRUE(reader.DurationOrUnlimited("a", 1'000, 9'000, limit));
  EXPECT_EQ(limit, 0);
  EXPECT_TRUE(reader.DurationOrUnlimited("b", 1'000, 9'000, limit));
  EXPECT_EQ(limit, 2'000);
  EXPECT_FALSE(reader.DurationOrUnlimited("c", 1'000, 9'000, limit));
  EXPECT_EQ(limit, 2'000);
  EXPECT_THAT(Errors(), IsEmpty());
}

TEST_F(TableReading, OffersUnlimitedBesideATime) {
  TableReader& reader = Read("a = 'never'\nb = '10 ms'\nc = 'unlimited'\n");
  int64_t limit = 0;
  EXPECT_FALSE(reader.DurationOrUnlimited("a", 1'000, 9'000, limit));
  EXPECT_FALSE(reader.DurationOrUnlimited("b", 1'000, 9'000, limit));
  EXPECT_FALSE(reader.Duration("c", 1'000, 9'000, limit));
  EXPECT_THAT(Errors(),
              ElementsAre("x.toml:1:5: t.a: expected a time in us, ms, s, min, h or d, or "
                          "\"unlimited\", e.g. a = \"1 ms\"; found the text \"never\"",
                          "x.toml:2:5: t.b: must be from \"1 ms\" to \"9 ms\", or \"unlimited\"; "
                          "found the text \"10 ms\"",
                          "x.toml:3:5: t.c: expected a time in us, ms, s, min, h or d, e.g. c = "
                          "\"1 ms\"; found the text \"unlimited\""));
}

TEST_F(TableReading, SuggestsTheNearestChoice) {
  std::string text;
  EXPECT_FALSE(Read("c = 'Simulatd'").Choice("c", {"logind", "simulated"}, text));
  EXPECT_THAT(Errors(),
              ElementsAre("x.toml:1:5: t.c: must be \"logind\" or \"simulated\"; found the text "
                          "\"Simulatd\"; did you mean \"simulated\"?"));
}

TEST_F(TableReading, RefusesAnArrayThatHoldsMoreThanTables) {
  EXPECT_THAT(Read("many = [{}, 1]").Tables("many"), IsEmpty());
  EXPECT_THAT(Errors(), ElementsAre("x.toml:1:8: t.many: expected an array of tables, e.g. "
                                    "[[t.many]]; found an array"));
}

TEST_F(TableReading, TakesAnEmptyArrayForNoTables) {
  EXPECT_THAT(Read("many = []").Tables("many"), IsEmpty());
  EXPECT_THAT(Errors(), IsEmpty());
}

TEST_F(TableReading, MissesARequiredText) {
  std::string text = "presence";
  EXPECT_FALSE(Read("").RequiredString("library", text));
  EXPECT_THAT(Errors(),
              ElementsAre("x.toml:1:1: t.library: is missing; add library = \"presence\""));
}

TEST_F(TableReading, ChecksARequiredTextAsAnyOther) {
  std::string text;
  TableReader& reader = Read("a = 'x'\nb = 5");
  EXPECT_TRUE(reader.RequiredString("a", text));
  EXPECT_EQ(text, "x");
  text.clear();
  EXPECT_FALSE(reader.RequiredString("b", text));
  EXPECT_THAT(Errors(), ElementsAre("x.toml:2:5: t.b: expected a text, e.g. b = \"…\"; found the "
                                    "integer 5"));
}

TEST_F(TableReading, PutsACallersErrorAtTheValueOrAtTheTable) {
  TableReader& reader = Read("\n  a =   5");
  reader.Fail("a", "is odd");
  reader.Fail("b", "is not there");
  EXPECT_THAT(Errors(), ElementsAre("x.toml:2:9: t.a: is odd", "x.toml:1:1: t.b: is not there"));
}

TEST_F(TableReading, FindsEveryKeyThatNobodyAskedFor) {
  TableReader& reader = Read("directory = 'x'\ndirectori = 'y'\n[soket]\n");
  std::string text;
  reader.String("directory", text);
  reader.String("socket", text);
  reader.Finish();
  EXPECT_THAT(Errors(),
              ElementsAre("x.toml:2:1: t.directori: unknown key; did you mean \"directory\"?",
                          "x.toml:3:2: t.soket: unknown table; did you mean \"socket\"?"));
}

TEST_F(TableReading, ListsTheKnownKeysWhereNoneIsNear) {
  TableReader& reader = Read("colour = 1");
  std::string text;
  reader.String("directory", text);
  reader.String("socket", text);
  reader.String("size", text);
  reader.Finish();
  EXPECT_THAT(Errors(), ElementsAre("x.toml:1:1: t.colour: unknown key; known here: directory, "
                                    "socket or size"));
}

TEST_F(TableReading, SaysTheCallersHintAboutUnknownKeys) {
  TableReader& reader = Read("colour = 1\nshape = 2");
  reader.Finish(
      [](std::string_view key) { return std::string(key == "shape" ? "no shapes" : ""); });
  EXPECT_THAT(Errors(), ElementsAre("x.toml:1:1: t.colour: unknown key; none is allowed here",
                                    "x.toml:2:1: t.shape: unknown key; no shapes"));
}

TEST_F(TableReading, ShowsHostileKeysAndTextsAsText) {
  TableReader& reader =
      Read("\"a\\u001B[31m b\" = 1\ns = \"\\u202E\\n" + std::string(5000, 'x') + "\"");
  bool boolean = false;
  reader.Boolean("s", boolean);
  reader.Finish();
  ASSERT_EQ(Errors().size(), 2U);
  EXPECT_THAT(Errors()[0], testing::HasSubstr("found the text \"\\u202E\\nxxx"));
  EXPECT_LT(Errors()[0].size(), 200U);
  EXPECT_THAT(Errors()[1], testing::StartsWith("x.toml:1:1: t.\"a\\x1B[31m b\": unknown key"));
}

TEST_F(TableReading, QuotesKeysInPathsOnlyWhereTomlNeedsIt) {
  const TableReader& reader = Read("");
  EXPECT_EQ(reader.Dotted("a-b_1"), "t.a-b_1");
  EXPECT_EQ(reader.Dotted("a.b"), "t.\"a.b\"");
  EXPECT_EQ(reader.Dotted(""), "t.\"\"");
}

}  // namespace
}  // namespace broker
