#include "config_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <utility>

namespace plugins {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// A whole number and its unit, times what that means; nothing for anything else, and for what is
/// too much.
template <class Number, class Unit, size_t N>
auto ParseWithUnit(std::string_view text,
                   const std::array<std::pair<std::string_view, Unit>, N>& units)
    -> std::optional<decltype(Number() * Unit())> {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0) return std::nullopt;
  std::string_view unit(stop, static_cast<size_t>(end - stop));
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, size] : units) {
    if (name != unit) continue;
    const auto product = number * size;
    return product / size == number ? std::optional(product) : std::nullopt;
  }
  return std::nullopt;
}

std::string Plain(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

}  // namespace

template <class Value, class Getter>
bool ConfigReader::Ask(const std::string& key, const std::string& problem, Value& out,
                       Getter getter) const {
  try {
    const auto value = (config_.*getter)(prefix_ + key);
    if (value) out = Value(*value);
    return value.has_value();
  } catch (const usher::Error& error) {
    if (error.status() != USHER_WRONG_TYPE) throw;
    Fail(key, problem);
    return false;
  }
}

bool ConfigReader::Read(const std::string& key, bool& out) const {
  return Ask(key, "must be true or false", out, &usher::Config::GetBoolean);
}

bool ConfigReader::Read(const std::string& key, std::string& out) const {
  return Ask(key, "must be a text", out, &usher::Config::GetString);
}

bool ConfigReader::Read(const std::string& key, std::vector<std::string>& out) const {
  std::vector<std::string_view> texts;
  if (!Ask(key, "must be a list of texts", texts, &usher::Config::GetStrings)) return false;
  out.assign(texts.begin(), texts.end());
  return true;
}

void ConfigReader::Read(const std::string& key, int64_t least, int64_t most, int64_t& out) const {
  int64_t value = out;
  Ask(key, "must be a whole number", value, &usher::Config::GetInteger);
  if (value < least || value > most) {
    Fail(key, "must be from " + std::to_string(least) + " to " + std::to_string(most) + "; it is " +
                  std::to_string(value));
  }
  out = value;
}

void ConfigReader::Read(const std::string& key, double least, double most, double& out) const {
  double value = out;
  Ask(key, "must be a number", value, &usher::Config::GetNumber);
  if (value >= least && value <= most) {
    out = value;
  } else {
    Fail(key, "must be from " + Plain(least) + " to " + Plain(most) + "; it is " + Plain(value));
  }
}

void ConfigReader::Read(const std::string& key, microseconds least, microseconds most,
                        const char* range, microseconds& out) const {
  std::string text;
  if (!Read(key, text)) return;
  const auto time = ParseTime(text);
  if (time && *time >= least && *time <= most) {
    out = *time;
  } else {
    Fail(key, std::string("must be a time from ") + range +
                  R"(, as "250 ms", "10 s", "5 min" or "2 h"; it is ")" + text + "\"");
  }
}

void ConfigReader::ReadBytes(const std::string& key, uint64_t& out) const {
  std::string text;
  if (!Read(key, text)) return;
  const auto bytes = ParseBytes(text);
  if (bytes && *bytes > 0) {
    out = *bytes;
  } else {
    Fail(key, R"(must be a size, as "64 KiB", "512 MiB" or "2 GiB"; it is ")" + text + "\"");
  }
}

void ConfigReader::Read(const std::string& key, const std::vector<std::string>& choices,
                        size_t& out) const {
  std::string text;
  if (!Read(key, text)) return;
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found != choices.end()) {
    out = static_cast<size_t>(found - choices.begin());
  } else {
    Fail(key, "must be one of " + Listed(choices) + "; it is \"" + text + "\"");
  }
}

uint32_t ConfigReader::CountTables(const std::string& key, const std::string& problem) const {
  uint32_t count = 0;
  Ask(key, problem, count, &usher::Config::GetTableCount);
  return count;
}

std::optional<microseconds> ParseTime(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, microseconds>, 5> kUnits{
      {{"us", microseconds(1)},
       {"ms", milliseconds(1)},
       {"s", seconds(1)},
       {"min", minutes(1)},
       {"h", hours(1)}}};
  return ParseWithUnit<int32_t>(text, kUnits);
}

std::optional<uint64_t> ParseBytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, uint64_t>, 5> kUnits{
      {{"", 1},
       {"KiB", 1U << 10U},
       {"MiB", 1U << 20U},
       {"GiB", 1U << 30U},
       {"TiB", uint64_t{1} << 40U}}};
  if (text.starts_with('-')) return std::nullopt;
  return ParseWithUnit<uint32_t>(text, kUnits);
}

std::string Listed(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "\"" : ", \"") + word + "\"";
  return all;
}

}  // namespace plugins
