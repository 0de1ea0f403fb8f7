#include "usherctl/time_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <string>
#include <utility>

namespace broker {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr int64_t kSecond = 1'000'000;
// Further away no clock ever was: some 3,000 years.
constexpr double kFarthest = 1e17;

struct Unit {
  std::string_view name;
  double us;
};

constexpr double kMinuteUs = 60e6;
constexpr double kHourUs = 60 * kMinuteUs;
constexpr double kDayUs = 24 * kHourUs;
constexpr double kMonthUs = 30.4375 * kDayUs;
constexpr double kYearUs = 365.25 * kDayUs;

// Source: systemd.time(7). Only "M" is told from "m" by its case.
constexpr std::array<Unit, 31> kUnits{{{"", 1e6},
                                       {"s", 1e6},
                                       {"sec", 1e6},
                                       {"second", 1e6},
                                       {"seconds", 1e6},
                                       {"ms", 1e3},
                                       {"msec", 1e3},
                                       {"us", 1},
                                       {"usec", 1},
                                       {"µs", 1},
                                       {"m", kMinuteUs},
                                       {"min", kMinuteUs},
                                       {"minute", kMinuteUs},
                                       {"minutes", kMinuteUs},
                                       {"h", kHourUs},
                                       {"hr", kHourUs},
                                       {"hour", kHourUs},
                                       {"hours", kHourUs},
                                       {"d", kDayUs},
                                       {"day", kDayUs},
                                       {"days", kDayUs},
                                       {"w", 7 * kDayUs},
                                       {"week", 7 * kDayUs},
                                       {"weeks", 7 * kDayUs},
                                       {"M", kMonthUs},
                                       {"month", kMonthUs},
                                       {"months", kMonthUs},
                                       {"y", kYearUs},
                                       {"yr", kYearUs},
                                       {"year", kYearUs},
                                       {"years", kYearUs}}};

/// Takes pieces off the front of a text.
class TextFront {
 public:
  explicit TextFront(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }

  bool Skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void SkipSpaces() {
    while (Skip(' ')) {
    }
  }

  bool Skip(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  /// A number of exactly so many digits.
  std::optional<int> Digits(size_t count) {
    int number = 0;
    const std::string_view digits = rest_.substr(0, count);
    if (digits.size() != count || !std::all_of(digits.begin(), digits.end(), IsDigit)) {
      return std::nullopt;
    }
    std::from_chars(digits.data(), digits.data() + count, number);
    rest_.remove_prefix(count);
    return number;
  }

  /// "15", "1.5"; no sign.
  std::optional<double> Decimal() {
    if (rest_.empty() || !IsDigit(rest_.front())) return std::nullopt;
    double number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number,
                                              std::chars_format::fixed);
    if (error != std::errc() || number > kFarthest) return std::nullopt;
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return number;
  }

  std::string_view Word() {
    const size_t length = std::min(rest_.find_first_of(" .+-0123456789"), rest_.size());
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }

  std::string_view rest_;
};

/// "1h 30min", in microseconds; at least one number.
std::optional<double> ParseSpan(std::string_view text) {
  TextFront front(text);
  double sum = 0;
  do {
    front.SkipSpaces();
    const std::optional<double> number = front.Decimal();
    if (!number) return std::nullopt;
    front.SkipSpaces();
    const std::string_view word = front.Word();
    const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(),
                                          [word](const Unit& known) { return known.name == word; });
    if (unit == kUnits.end()) return std::nullopt;
    sum += *number * unit->us;
    front.SkipSpaces();
  } while (!front.AtEnd());
  if (sum > kFarthest) return std::nullopt;
  return sum;
}

std::optional<int64_t> FromNow(std::string_view span, int64_t now_us, int direction) {
  const std::optional<double> us = ParseSpan(span);
  if (!us) return std::nullopt;
  return now_us + direction * std::llround(*us);
}

/// A time of a day, and the zone it counts in.
struct Moment {
  std::optional<weekday> on = std::nullopt;           // nullopt: any.
  std::optional<year_month_day> date = std::nullopt;  // nullopt: today.
  int later = 0;                                      // Days after that.
  int64_t second = 0;                                 // Of the day.
  int64_t us = 0;
  // East of Greenwich; nullopt: the machine's zone, of this name unless that is empty.
  std::optional<int64_t> offset_s = std::nullopt;
  std::string_view zone = {};
};

/// "CET": what the machine's zone is called then.
std::string NameOfZone(const std::tm& local) {
  std::array<char, 64> name{};
  return {name.data(), std::strftime(name.data(), name.size(), "%Z", &local)};
}

/// What C's calendar, which knows the machine's zone, takes.
std::tm LocalTime(year_month_day date, const Moment& moment, int summer) {
  std::tm local{};
  local.tm_year = static_cast<int>(date.year()) - 1900;
  local.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  local.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
  local.tm_hour = static_cast<int>(moment.second / 3600);
  local.tm_min = static_cast<int>(moment.second / 60 % 60);
  local.tm_sec = static_cast<int>(moment.second % 60);
  local.tm_isdst = summer;
  local.tm_wday = -1;
  return local;
}

/// An hour that there is twice is the one without summer time, and one that there is not is counted
/// without it: mktime() left to itself goes by what it was asked before.
std::optional<int64_t> FromLocal(year_month_day date, const Moment& moment) {
  std::optional<int64_t> as_in_winter;
  for (const int summer : {0, 1}) {
    std::tm local = LocalTime(date, moment, summer);
    const auto seconds = static_cast<int64_t>(std::mktime(&local));
    if (local.tm_wday == -1) return std::nullopt;
    const int64_t us = seconds * kSecond + moment.us;
    const bool is_named = moment.zone.empty() || NameOfZone(local) == moment.zone;
    if (local.tm_isdst == summer && is_named) return us;
    if (!as_in_winter) as_in_winter = us;
  }
  return moment.zone.empty() ? as_in_winter : std::nullopt;
}

/// Today in the machine's zone.
std::optional<year_month_day> LocalDate(int64_t now_us) {
  const auto seconds = static_cast<std::time_t>(now_us / kSecond);
  const std::tm* const local = std::localtime(&seconds);
  if (local == nullptr) return std::nullopt;
  return year_month_day{year{local->tm_year + 1900},
                        month{static_cast<unsigned>(local->tm_mon + 1)},
                        day{static_cast<unsigned>(local->tm_mday)}};
}

/// Today in the moment's zone.
std::optional<year_month_day> Today(const Moment& moment, int64_t now_us) {
  if (!moment.offset_s) return LocalDate(now_us);
  const std::chrono::microseconds there(now_us + *moment.offset_s * kSecond);
  return std::chrono::floor<days>(std::chrono::sys_time<std::chrono::microseconds>(there));
}

std::optional<int64_t> ToUtc(const Moment& moment, int64_t now_us) {
  const std::optional<year_month_day> date = moment.date ? moment.date : Today(moment, now_us);
  if (!date) return std::nullopt;
  const sys_days on_day = sys_days{*date} + days{moment.later};
  if (moment.on && weekday{on_day} != *moment.on) return std::nullopt;
  if (!moment.offset_s) return FromLocal(on_day, moment);
  const int64_t day_s = on_day.time_since_epoch().count() * int64_t{86'400};
  return (day_s + moment.second - *moment.offset_s) * kSecond + moment.us;
}

std::optional<year_month_day> ReadDate(TextFront& front) {
  const auto of_year = front.Digits(4);
  if (!of_year || !front.Skip('-')) return std::nullopt;
  const auto of_month = front.Digits(2);
  if (!of_month || !front.Skip('-')) return std::nullopt;
  const auto of_day = front.Digits(2);
  if (!of_day) return std::nullopt;
  const year_month_day date{year{*of_year}, month{static_cast<unsigned>(*of_month)},
                            day{static_cast<unsigned>(*of_day)}};
  return date.ok() ? std::optional(date) : std::nullopt;
}

/// ".5", ".123456"; true where there is none.
bool ReadFraction(TextFront& front, int64_t& us) {
  if (!front.Skip('.')) return true;
  int64_t unit = kSecond / 10;
  std::optional<int> digit = front.Digits(1);
  if (!digit) return false;
  for (; digit; digit = front.Digits(1), unit /= 10) us += *digit * unit;
  return true;
}

/// "18:48", "18:48:33", "18:48:33.5".
bool ReadTime(TextFront& front, Moment& moment) {
  const auto hour = front.Digits(2);
  if (!hour || *hour > 23 || !front.Skip(':')) return false;
  const auto minute = front.Digits(2);
  if (!minute || *minute > 59) return false;
  moment.second = *hour * 3600 + *minute * 60;
  if (!front.Skip(':')) return true;
  const auto second = front.Digits(2);
  if (!second || *second > 59) return false;
  moment.second += *second;
  return ReadFraction(front, moment.us);
}

bool ReadOffset(TextFront& front, Moment& moment) {
  const bool east = front.Skip('+');
  if (!east && !front.Skip('-')) return false;
  const auto hours = front.Digits(2);
  const bool goes_on = front.Skip(':');
  const auto minutes = front.Digits(2);
  if (!hours || (goes_on && !minutes) || *hours > 23 || minutes.value_or(0) > 59) return false;
  const int64_t offset_s = *hours * 3600 + minutes.value_or(0) * 60;
  moment.offset_s = east ? offset_s : -offset_s;
  return true;
}

/// "Z", " UTC", "+01:00", " -0530", " -03", " CET"; true where there is none.
bool ReadZone(TextFront& front, Moment& moment) {
  if (front.AtEnd()) return true;
  const bool apart = front.Skip(' ');
  TextFront offset = front;
  if (ReadOffset(offset, moment)) {
    front = offset;
    return true;
  }
  const std::string_view word = front.Word();
  if (word == (apart ? "UTC" : "Z")) {
    moment.offset_s = 0;
  } else {
    moment.zone = word;
  }
  return apart ? !word.empty() : word == "Z";
}

/// "today", "yesterday", "tomorrow".
bool ReadDayWord(TextFront& front, Moment& moment) {
  constexpr std::array<std::pair<std::string_view, int>, 3> kWords{
      {{"yesterday", -1}, {"today", 0}, {"tomorrow", 1}}};
  for (const auto& [word, later] : kWords) {
    if (!front.Skip(word)) continue;
    moment.later = later;
    return true;
  }
  return false;
}

/// A date, a time, or both.
bool ReadCalendar(TextFront& front, Moment& moment) {
  Moment timed = moment;
  TextFront time = front;
  if (ReadTime(time, timed)) {
    front = time;
    moment = timed;
    return true;
  }
  moment.date = ReadDate(front);
  if (!moment.date) return false;
  timed = moment;
  TextFront behind = front;
  if ((behind.Skip('T') || behind.Skip(' ')) && ReadTime(behind, timed)) {
    front = behind;
    moment = timed;
  }
  return true;
}

/// "Fri ", "friday "; nothing is taken where there is none.
void ReadWeekday(TextFront& front, Moment& moment) {
  constexpr std::array<std::string_view, 7> kDays{"sunday",   "monday", "tuesday", "wednesday",
                                                  "thursday", "friday", "saturday"};
  TextFront behind = front;
  std::string word(behind.Word());
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto* const found = std::find_if(kDays.begin(), kDays.end(), [&](std::string_view name) {
    return name == word || name.substr(0, 3) == word;
  });
  if (found == kDays.end() || !behind.Skip(' ')) return;
  front = behind;
  moment.on = weekday{static_cast<unsigned>(found - kDays.begin())};
}

std::optional<int64_t> ParseAbsolute(std::string_view text, int64_t now_us) {
  Moment moment;
  TextFront front(text);
  if (!ReadDayWord(front, moment)) {
    ReadWeekday(front, moment);
    if (!ReadCalendar(front, moment)) return std::nullopt;
  }
  if (!ReadZone(front, moment) || !front.AtEnd()) return std::nullopt;
  return ToUtc(moment, now_us);
}

std::optional<int64_t> ParseSinceEpoch(std::string_view text) {
  TextFront front(text);
  const std::optional<double> seconds = front.Decimal();
  if (!seconds || !front.AtEnd() || *seconds * kSecond > kFarthest) return std::nullopt;
  return std::llround(*seconds * kSecond);
}

}  // namespace

std::optional<int64_t> ParseTimeText(std::string_view text, int64_t now_us) {
  constexpr std::string_view kAgo = " ago";
  if (text == "now") return now_us;
  if (text.starts_with('@')) return ParseSinceEpoch(text.substr(1));
  if (text.starts_with('+')) return FromNow(text.substr(1), now_us, 1);
  if (text.starts_with('-')) return FromNow(text.substr(1), now_us, -1);
  if (text.ends_with(kAgo)) {
    return FromNow(text.substr(0, text.size() - kAgo.size()), now_us, -1);
  }
  return ParseAbsolute(text, now_us);
}

}  // namespace broker
