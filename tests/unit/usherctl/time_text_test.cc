#include "usherctl/time_text.h"

#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "event/utc.h"

namespace broker {
namespace {

constexpr int64_t kHour = 3'600'000'000;

/// 14:00 on a winter's day in Berlin.
constexpr const char* kNow = "2026-11-20T13:00:00.000000Z";

/// The machine stands in Berlin while a test runs.
class ATime : public ::testing::Test {
 protected:
  ATime() { SetZone("CET-1CEST,M3.5.0,M10.5.0/3"); }
  ~ATime() override { SetZone(before_ ? before_->c_str() : nullptr); }

  static int64_t Now() { return *ParseUtc(kNow); }

  /// As FormatUtc writes it; empty for no time.
  static std::string Parsed(const std::string& text) {
    const auto time = ParseTimeText(text, Now());
    return time ? FormatUtc(*time) : "";
  }

  static int64_t FromNow(const std::string& text) {
    return ParseTimeText(text, Now()).value_or(0) - Now();
  }

 private:
  static std::optional<std::string> Zone() {
    const char* zone = std::getenv("TZ");
    return zone == nullptr ? std::nullopt : std::optional<std::string>(zone);
  }
  static void SetZone(const char* zone) {
    zone == nullptr ? unsetenv("TZ") : setenv("TZ", zone, 1);
    tzset();
  }

  const std::optional<std::string> before_ = Zone();
};

TEST_F(ATime, OfTheCalendarIsInTheMachinesZone) {
  EXPECT_EQ(Parsed("2026-11-20 18:48:33"), "2026-11-20T17:48:33.000000Z");
  EXPECT_EQ(Parsed("2026-11-20T18:48:33"), "2026-11-20T17:48:33.000000Z");
  EXPECT_EQ(Parsed("2026-11-20 18:48:33.5"), "2026-11-20T17:48:33.500000Z");
  EXPECT_EQ(Parsed("2026-11-20 18:48:33.123456"), "2026-11-20T17:48:33.123456Z");
  EXPECT_EQ(Parsed("2026-11-20 18:48"), "2026-11-20T17:48:00.000000Z");
  EXPECT_EQ(Parsed("2026-11-20"), "2026-11-19T23:00:00.000000Z");
  EXPECT_EQ(Parsed("2026-07-01 12:00"), "2026-07-01T10:00:00.000000Z");
  EXPECT_EQ(Parsed("18:48"), "2026-11-20T17:48:00.000000Z");
  EXPECT_EQ(Parsed("18:48:33"), "2026-11-20T17:48:33.000000Z");
}

TEST_F(ATime, MayNameItsZone) {
  EXPECT_EQ(Parsed("2026-11-20T18:48:33.123456Z"), "2026-11-20T18:48:33.123456Z");
  EXPECT_EQ(Parsed("2026-11-20 18:48:33 UTC"), "2026-11-20T18:48:33.000000Z");
  EXPECT_EQ(Parsed("2026-11-20 UTC"), "2026-11-20T00:00:00.000000Z");
  EXPECT_EQ(Parsed("2026-11-20T18:48:33+05:30"), "2026-11-20T13:18:33.000000Z");
  EXPECT_EQ(Parsed("2026-11-20T18:48:33-0100"), "2026-11-20T19:48:33.000000Z");
  EXPECT_EQ(Parsed("18:48Z"), "2026-11-20T18:48:00.000000Z");
}

TEST_F(ATime, MayNameItsZoneAsJournalctlPrintsIt) {
  EXPECT_EQ(Parsed("2026-11-20 18:48:33 +05:30"), "2026-11-20T13:18:33.000000Z");
  EXPECT_EQ(Parsed("2026-11-20 -0100"), "2026-11-20T01:00:00.000000Z");
  EXPECT_EQ(Parsed("Fri 2026-11-20 18:48:33 CET"), "2026-11-20T17:48:33.000000Z");
  EXPECT_EQ(Parsed("2026-07-01 12:00 CEST"), "2026-07-01T10:00:00.000000Z");
  EXPECT_EQ(Parsed("2026-07-01 12:00 CET"), "") << "it is not called so in summer";
  EXPECT_EQ(Parsed("2026-11-20 18:48:33 PST"), "") << "the machine is not there";
  // The hour that comes twice.
  EXPECT_EQ(Parsed("2026-10-25 02:30 CEST"), "2026-10-25T00:30:00.000000Z");
  EXPECT_EQ(Parsed("2026-10-25 02:30 CET"), "2026-10-25T01:30:00.000000Z");
}

TEST_F(ATime, MayNameAZoneWhoseNameIsANumberOfHours) {
  EXPECT_EQ(Parsed("Fri 2026-11-20 18:48:33 -03"), "2026-11-20T21:48:33.000000Z");
  EXPECT_EQ(Parsed("2026-11-20T18:48:33+04"), "2026-11-20T14:48:33.000000Z");
}

TEST_F(ATime, InTheHourThatComesTwiceIsTheOneWithoutSummerTime) {
  for (const char* before : {"2026-06-01", "2026-12-01"}) {
    EXPECT_NE(Parsed(before), "");
    EXPECT_EQ(Parsed("2026-10-25 02:30"), "2026-10-25T01:30:00.000000Z") << "after " << before;
    EXPECT_EQ(Parsed("2026-03-29 02:30"), "2026-03-29T01:30:00.000000Z") << "which never comes";
  }
  EXPECT_EQ(Parsed("2026-07-01 12:00"), "2026-07-01T10:00:00.000000Z");
}

TEST_F(ATime, OfTodayIsOfTodayInItsZone) {
  EXPECT_EQ(Parsed("18:48 +12:00"), "2026-11-21T06:48:00.000000Z") << "there it is tomorrow";
  EXPECT_EQ(Parsed("today +12:00"), "2026-11-20T12:00:00.000000Z");
  EXPECT_EQ(Parsed("today UTC"), "2026-11-20T00:00:00.000000Z");
  EXPECT_EQ(Parsed("yesterday UTC"), "2026-11-19T00:00:00.000000Z");
  EXPECT_EQ(Parsed("tomorrow CET"), "2026-11-20T23:00:00.000000Z");
}

TEST_F(ATime, MayHaveTheWeekdayOfItsDate) {
  for (const char* text : {"Fri 2026-11-20 18:48:33", "fri 2026-11-20 18:48:33",
                           "Friday 2026-11-20 18:48:33", "Fri 18:48:33"}) {
    EXPECT_EQ(Parsed(text), "2026-11-20T17:48:33.000000Z") << text;
  }
  EXPECT_EQ(Parsed("Sun 2026-11-22"), "2026-11-21T23:00:00.000000Z");
  EXPECT_EQ(Parsed("Sat 2026-11-21 00:30 +02:00"), "2026-11-20T22:30:00.000000Z");
  for (const char* text :
       {"Thu 2026-11-20", "Sat 2026-11-20 18:48", "Thu 18:48", "Fri", "Fri ", "Fri today",
        "Fridays 2026-11-20", "Fr 2026-11-20", "Fri2026-11-20", "2026-11-20 Fri", "Fri now"}) {
    EXPECT_EQ(Parsed(text), "") << text;
  }
}

TEST_F(ATime, MayBeAWord) {
  EXPECT_EQ(Parsed("now"), kNow);
  EXPECT_EQ(Parsed("today"), "2026-11-19T23:00:00.000000Z");
  EXPECT_EQ(Parsed("yesterday"), "2026-11-18T23:00:00.000000Z");
  EXPECT_EQ(Parsed("tomorrow"), "2026-11-20T23:00:00.000000Z");
}

TEST_F(ATime, MayBeASpanFromNow) {
  const std::vector<std::pair<std::string, int64_t>> spans{
      {"-1h", -kHour},
      {"+5s", 5'000'000},
      {"10 min ago", -kHour / 6},
      {"1h 30min ago", -kHour * 3 / 2},
      {"-1h30m", -kHour * 3 / 2},
      {"-1.5 hours", -kHour * 3 / 2},
      {"-90", -90'000'000},
      {"2 days ago", -48 * kHour},
      {"-1w", -168 * kHour},
      {"-1month", -30 * 24 * kHour - kHour * 21 / 2},
      {"-1M", -30 * 24 * kHour - kHour * 21 / 2},
      {"-1y", -8766 * kHour},
      {"+250ms", 250'000},
      {"+7 us", 7},
  };
  for (const auto& [text, us] : spans) EXPECT_EQ(FromNow(text), us) << text;
}

TEST_F(ATime, MayCountFrom1970) {
  EXPECT_EQ(Parsed("@1795200513"), "2026-11-20T18:48:33.000000Z");
  EXPECT_EQ(Parsed("@1795200513.25"), "2026-11-20T18:48:33.250000Z");
}

TEST_F(ATime, IsNothingElse) {
  for (const char* text : {"",
                           " ",
                           "yesterdy",
                           "Today",
                           "2026",
                           "2026-11",
                           "2026-13-01",
                           "2026-02-30",
                           "2026-11-20x",
                           "2026-11-20 ",
                           "2026-11-20T",
                           "2026-11-20 25:00",
                           "2026-11-20 18:60",
                           "2026-11-20 18:48:60",
                           "2026-11-20 18:48:33.",
                           "2026-11-20 18",
                           "18:48 tomorrow",
                           "2026-11-20T18:48+5",
                           "2026-11-20 18:48 +5",
                           "2026-11-20 18:48 +05:",
                           "2026-11-20 18:48 ",
                           "2026-11-20 18:48  UTC",
                           "2026-11-20 18:48CET",
                           "2026-11-20 18:48UTC",
                           "2026-11-20 18:48 Z",
                           "2026-11-20 18:48 UTC UTC",
                           "now UTC",
                           "today 18:48",
                           "todayUTC",
                           "2026-11-20T18:48+25:00",
                           "-",
                           "+",
                           "--1h",
                           "-1 fortnight",
                           "1h",
                           "ago",
                           " ago",
                           "h ago",
                           "-1e3",
                           "-99999999999999999999y",
                           "@",
                           "@x",
                           "@-5",
                           "@99999999999999999999",
                           "-1h,30min"}) {
    EXPECT_EQ(Parsed(text), "") << text;
  }
}

}  // namespace
}  // namespace broker
