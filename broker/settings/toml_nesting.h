#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace broker {

/// The most parts that a dotted key may have, and the most brackets that may be open at once.
/// Rationale: the parser bounds brackets but not the parts of a key, and it frees tables
/// recursively, so that a key of a hundred thousand parts would exhaust the stack.
inline constexpr size_t kMaxTomlNesting = 32;

/// Where in the TOML `text` (a byte offset) kMaxTomlNesting is passed first, strings and comments
/// left out. A text that is no TOML gives some answer, right up to its first syntax error.
[[nodiscard]] std::optional<size_t> FindTooDeepNesting(std::string_view text);

}  // namespace broker
