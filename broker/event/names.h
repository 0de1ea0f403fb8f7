#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace broker {

/// The name of `value` in a table whose index is the enumerator; empty for a value outside it.
template <class Enum, size_t N>
constexpr std::string_view NameIn(const std::array<std::string_view, N>& names, Enum value) {
  const auto index = static_cast<size_t>(value);
  return index < N ? names[index] : std::string_view{};
}

/// The enumerator whose name stands in the table, if any.
template <class Enum, size_t N>
constexpr std::optional<Enum> ValueIn(const std::array<std::string_view, N>& names,
                                      std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end() || name.empty()) return std::nullopt;
  return static_cast<Enum>(static_cast<int32_t>(found - names.begin()));
}

}  // namespace broker
