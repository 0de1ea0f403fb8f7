#include "event/utc.h"

#include <algorithm>
#include <chrono>

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
  for (const char digit : text.substr(at, digits)) number = 10 * number + (digit - '0');
  return number;
}

/// Fills `out` with the last decimal digits of `number`.
void WriteDigits(std::span<char> out, uint64_t number) {
  for (size_t i = out.size(); i > 0; --i, number /= 10) {
    out[i - 1] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace

std::string FormatUtc(int64_t realtime_us) {
  std::string text(kUtcLength, ' ');
  WriteUtc(realtime_us, std::span<char, kUtcLength>(text.data(), kUtcLength));
  return text;
}

void WriteUtc(int64_t realtime_us, std::span<char, kUtcLength> out) {
  const sys_time<microseconds> time{microseconds{std::clamp(realtime_us, kFirst, kLast)}};
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const auto since = static_cast<uint64_t>((time - midnight).count());
  std::copy(kForm.begin(), kForm.end(), out.begin());
  WriteDigits(out.subspan(0, 4), static_cast<uint64_t>(static_cast<int>(date.year())));
  WriteDigits(out.subspan(5, 2), static_cast<unsigned>(date.month()));
  WriteDigits(out.subspan(8, 2), static_cast<unsigned>(date.day()));
  WriteDigits(out.subspan(11, 2), since / 3'600'000'000);
  WriteDigits(out.subspan(14, 2), since / 60'000'000 % 60);
  WriteDigits(out.subspan(17, 2), since / 1'000'000 % 60);
  WriteDigits(out.subspan(20, 6), since % 1'000'000);
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
