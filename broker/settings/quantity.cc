#include "settings/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace broker {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor = 1;
};

constexpr std::array<Unit, 5> kByteUnits{{{"B", 1},
                                          {"KiB", 1ULL << 10U},
                                          {"MiB", 1ULL << 20U},
                                          {"GiB", 1ULL << 30U},
                                          {"TiB", 1ULL << 40U}}};

constexpr uint64_t kDay = 86'400'000'000;
constexpr std::array<Unit, 6> kTimeUnits{{{"us", 1},
                                          {"ms", 1'000},
                                          {"s", 1'000'000},
                                          {"min", 60'000'000},
                                          {"h", 3'600'000'000},
                                          {"d", kDay}}};
constexpr std::array<Unit, 2> kDayWords{{{"day", kDay}, {"days", kDay}}};

std::string_view Unspaced(std::string_view text) {
  const size_t start = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(start);
}

/// Digits, perhaps spaces, and one of `units`; nothing if it is another text or more than `most`.
template <size_t N>
std::optional<uint64_t> Parse(std::string_view text, const std::array<Unit, N>& units,
                              uint64_t most) {
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name = Unspaced(text.substr(static_cast<size_t>(end - text.data())));
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [name](const Unit& candidate) { return candidate.name == name; });
  if (unit == units.end() || count > most / unit->factor) return std::nullopt;
  return count * unit->factor;
}

/// In the largest of `units` that divides `value`.
template <size_t N>
std::string Format(uint64_t value, const std::array<Unit, N>& units) {
  const auto unit = std::find_if(units.rbegin(), units.rend(), [value](const Unit& candidate) {
    return value != 0 && value % candidate.factor == 0;
  });
  const Unit& chosen = unit == units.rend() ? units.front() : *unit;
  return std::to_string(value / chosen.factor) + " " + std::string(chosen.name);
}

}  // namespace

std::optional<uint64_t> ParseBytes(std::string_view text) {
  return Parse(text, kByteUnits, std::numeric_limits<uint64_t>::max());
}

std::optional<int64_t> ParseDuration(std::string_view text) {
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  std::optional<uint64_t> value = Parse(text, kTimeUnits, kMost);
  if (!value) value = Parse(text, kDayWords, kMost);
  if (!value) return std::nullopt;
  return static_cast<int64_t>(*value);
}

std::string FormatBytes(uint64_t bytes) {
  return Format(bytes, kByteUnits);
}

std::string FormatDuration(int64_t microseconds) {
  if (microseconds < 0) return "-" + Format(0ULL - static_cast<uint64_t>(microseconds), kTimeUnits);
  return Format(static_cast<uint64_t>(microseconds), kTimeUnits);
}

}  // namespace broker
