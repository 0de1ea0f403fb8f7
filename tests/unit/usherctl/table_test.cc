#include "usherctl/table.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>

namespace broker {
namespace {

std::string Print(const Table& table, bool colour = false) {
  std::ostringstream out;
  table.Print(out, colour);
  return out.str();
}

TEST(ATable, AlignsItsColumnsUnderTheirHeaders) {
  Table table({{"ID"}, {"USER"}, {"STATE"}});
  table.AddRow({{"2"}, {"alice"}, {"active"}});
  table.AddRow({{"c14"}, {"bob"}, {"online"}});
  EXPECT_EQ(Print(table),
            "ID   USER   STATE\n"
            "2    alice  active\n"
            "c14  bob    online\n");
}

TEST(ATable, ShowsItsHeadersWhenItHasNoRows) {
  EXPECT_EQ(Print(Table({{"ID"}, {"USER"}})), "ID  USER\n");
}

TEST(ATable, ShowsADashForNothing) {
  Table table({{"ID"}, {"SEAT"}});
  table.AddRow({{"2"}, {""}});
  EXPECT_EQ(Print(table), "ID  SEAT\n2   -\n");
}

TEST(ATable, AlignsByCharactersNotBytes) {
  Table table({{"USER"}, {"STATE"}});
  table.AddRow({{"zoë☃"}, {"active"}});
  EXPECT_EQ(Print(table), "USER  STATE\nzoë☃  active\n");
}

TEST(ATable, StaysOneLineARowWhateverTheTextIs) {
  Table table({{"USER", 16}, {"STATE"}});
  table.AddRow({{"a\nb\r\nc\x1b[31m"}, {"active"}});
  table.AddRow({{std::string(10'000, 'x')}, {"active"}});
  table.AddRow({{"\"quoted\" \xe2\x80\xae"
                 "evil"},
                {"active"}});
  const std::string text = Print(table);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_EQ(text.find_first_of("\r\x1b"), std::string::npos);
  EXPECT_THAT(text, ::testing::HasSubstr("\nxxxxxxxxxxxxxxx…  active\n"));
}

TEST(ATable, ColoursWithoutMovingItsColumns) {
  Table table({{"NAME"}, {"STATE"}, {"ID"}});
  table.AddRow({{"x"}, {"failed", Style::kAlarm}, {"y"}});
  EXPECT_EQ(Print(table, true),
            "\x1b[1mNAME\x1b[0m  \x1b[1mSTATE\x1b[0m   \x1b[1mID\x1b[0m\n"
            "x     \x1b[31mfailed\x1b[0m  y\n");
}

}  // namespace
}  // namespace broker
