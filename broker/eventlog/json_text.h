#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace broker {

// The pieces of a line, appended to a string without other allocations. Thread-safe.

/// Appends a JSON string: valid UTF-8 stays as it is, control characters, quotes and backslashes
/// are escaped. Other bytes become text, and a text over `limit` bytes is cut (ToUtf8).
void AppendJsonString(std::string& out, std::string_view text, size_t limit);

/// Appends `"name":`, after a comma unless it is the first member of its object. `name` is a plain
/// literal of the format.
void AppendJsonName(std::string& out, std::string_view name);

template <std::integral Integer>
void AppendInteger(std::string& out, Integer value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

/// Appends `value` as 16 lower-case hexadecimal digits.
void AppendHex64(std::string& out, uint64_t value);

}  // namespace broker
