#include "event/utc.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace broker {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;
using std::chrono::year_month_day;

constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
constexpr int64_t kFirst = -62'167'219'200'000'000;  // 0000-01-01
constexpr int64_t kLast = 253'402'300'799'999'999;   // 9999-12-31

// Whether `text` has digits where the form has zeros, and the form's own characters elsewhere.
bool HasForm(std::string_view text) {
  return std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(), [](char is, char form) {
    return form == '0' ? is >= '0' && is <= '9' : is == form;
  });
}

int64_t NumberAt(std::string_view text, size_t at, size_t digits) {
  int64_t number = 0;
  std::from_chars(text.data() + at, text.data() + at + digits, number);
  return number;
}

}  // namespace

std::string FormatUtc(int64_t realtime_us) {
  const sys_time<microseconds> time{microseconds{std::clamp(realtime_us, kFirst, kLast)}};
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const auto seconds = (time - midnight).count() / 1'000'000;
  std::array<char, 80> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
                    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()), static_cast<int>(seconds / 3600),
                    static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60),
                    static_cast<int>((time - midnight).count() % 1'000'000));
  return {text.data(), static_cast<size_t>(length)};
}

std::optional<int64_t> ParseUtc(std::string_view text) {
  if (!HasForm(text)) return std::nullopt;
  const year_month_day date{std::chrono::year{static_cast<int>(NumberAt(text, 0, 4))},
                            std::chrono::month{static_cast<unsigned>(NumberAt(text, 5, 2))},
                            std::chrono::day{static_cast<unsigned>(NumberAt(text, 8, 2))}};
  const int64_t hour = NumberAt(text, 11, 2);
  const int64_t minute = NumberAt(text, 14, 2);
  const int64_t second = NumberAt(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const int64_t day = sys_days{date}.time_since_epoch().count();
  return (((day * 24 + hour) * 60 + minute) * 60 + second) * 1'000'000 + NumberAt(text, 20, 6);
}

}  // namespace broker
