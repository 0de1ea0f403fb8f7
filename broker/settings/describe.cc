#include "settings/describe.h"

#include <array>
#include <charconv>

#include "event/text.h"
#include "settings/toml.h"

namespace broker {
namespace {

constexpr size_t kMostQuoted = 60;  // Bytes of a file's text that a message repeats.

bool IsBareKey(std::string_view key) {
  constexpr std::string_view kBare =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !key.empty() && key.size() <= kMostQuoted &&
         key.find_first_not_of(kBare) == std::string_view::npos;
}

}  // namespace

std::string Quoted(std::string_view text) {
  return "\"" + EscapeForTerminal(ToUtf8(text, kMostQuoted)) + "\"";
}

std::string KeyText(std::string_view key) {
  return IsBareKey(key) ? std::string(key) : Quoted(key);
}

std::string BooleanText(bool value) {
  return value ? "true" : "false";
}

std::string NumberText(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

std::string Describe(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "the text " + Quoted(node.ref<std::string>());
    case toml::node_type::integer:
      return "the integer " + std::to_string(node.ref<int64_t>());
    case toml::node_type::floating_point:
      return "the number " + NumberText(node.ref<double>());
    case toml::node_type::boolean:
      return BooleanText(node.ref<bool>());
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return node.is_array_of_tables() ? "an array of tables" : "an array";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time of day";
    default:
      return "a date with time";
  }
}

}  // namespace broker
