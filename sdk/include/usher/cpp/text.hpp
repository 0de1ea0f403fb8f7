// usher/cpp/text.hpp: values as text, in the words that the event log has for them.
#ifndef USHER_CPP_TEXT_HPP
#define USHER_CPP_TEXT_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "usher/cpp/views.hpp"

namespace usher {

/// "os", "reconciled", "injected", "broker", "plugin" or "recorded"; empty for what has no name
/// here, as a newer broker may say.
[[nodiscard]] constexpr std::string_view Name(Origin origin) noexcept {
  switch (origin) {
    case Origin::kOs:
      return "os";
    case Origin::kReconciled:
      return "reconciled";
    case Origin::kInjected:
      return "injected";
    case Origin::kBroker:
      return "broker";
    case Origin::kPlugin:
      return "plugin";
    case Origin::kRecorded:
      return "recorded";
  }
  return "";
}

/// "opening", "online", "active" or "closing"; empty for what has no name here.
[[nodiscard]] constexpr std::string_view Name(SessionState state) noexcept {
  switch (state) {
    case SessionState::kOpening:
      return "opening";
    case SessionState::kOnline:
      return "online";
    case SessionState::kActive:
      return "active";
    case SessionState::kClosing:
      return "closing";
  }
  return "";
}

/// "no", "yes" or, for all else, "unknown".
[[nodiscard]] constexpr std::string_view Name(Locked locked) noexcept {
  if (locked == Locked::kNo) return "no";
  return locked == Locked::kYes ? "yes" : "unknown";
}

namespace detail {

/// Year, month and day in the Gregorian calendar.
struct Date {
  int64_t year;
  int64_t month;
  int64_t day;
};

/// From days since 1970-01-01, from the year 0 on. The year is counted from March here, so that the
/// day that only some have is its last. Source: H. Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", civil_from_days.
constexpr Date ToDate(int64_t days) noexcept {
  constexpr int64_t kDaysOf400Years = 146'097;
  const int64_t since_march = days + 719'468 + kDaysOf400Years;  // Of the year -400: never below 0.
  const int64_t day_of_400 = since_march % kDaysOf400Years;
  const int64_t year_of_400 =
      (day_of_400 - day_of_400 / 1'460 + day_of_400 / 36'524 - day_of_400 / 146'096) / 365;
  const int64_t day_of_year =
      day_of_400 - (365 * year_of_400 + year_of_400 / 4 - year_of_400 / 100);
  const int64_t from_march = (5 * day_of_year + 2) / 153;
  const int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
  const int64_t year = year_of_400 + since_march / kDaysOf400Years * 400 - 400;
  return {year + (month <= 2 ? 1 : 0), month, day_of_year - (153 * from_march + 2) / 5 + 1};
}

/// Writes the last `count` digits of a number that is not negative, from `at` on.
inline void PutDigits(std::string& text, size_t at, size_t count, int64_t number) {
  for (size_t i = at + count; i > at; --i, number /= 10) {
    text[i - 1] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace detail

/// UTC as people and programs read it: "2026-03-01T08:15:00.123456Z", always 27 characters, as it
/// stands in the log. What lies outside the years 0 to 9999 is shown as the nearest time inside.
/// Source: RFC 3339.
[[nodiscard]] inline std::string ToRfc3339(Time time) {
  constexpr int64_t kFirst = -62'167'219'200'000'000;
  constexpr int64_t kLast = 253'402'300'799'999'999;
  constexpr int64_t kDay = 86'400'000'000;
  const int64_t us = std::clamp<int64_t>(time.time_since_epoch().count(), kFirst, kLast);
  const int64_t days = us / kDay - (us % kDay < 0 ? 1 : 0);
  const int64_t of_day = us - days * kDay;
  const detail::Date date = detail::ToDate(days);
  std::string text = "0000-00-00T00:00:00.000000Z";
  detail::PutDigits(text, 0, 4, date.year);
  detail::PutDigits(text, 5, 2, date.month);
  detail::PutDigits(text, 8, 2, date.day);
  detail::PutDigits(text, 11, 2, of_day / 3'600'000'000);
  detail::PutDigits(text, 14, 2, of_day / 60'000'000 % 60);
  detail::PutDigits(text, 17, 2, of_day / 1'000'000 % 60);
  detail::PutDigits(text, 20, 6, of_day % 1'000'000);
  return text;
}

}  // namespace usher

#endif
