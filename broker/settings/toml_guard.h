#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

/// The most parts that a dotted key may have, and the most brackets that may be open at once.
inline constexpr size_t kMaxTomlNesting = 32;

/// Something that the parser must not see.
struct TomlHazard {
  size_t offset = 0;  ///< In bytes.
  std::string message;
};

/// What is found in a text before it is parsed.
struct TomlScan {
  std::optional<TomlHazard> hazard;  ///< The first one.
  /// Characters, as byte offsets in rising order, that must be written as escapes.
  std::vector<size_t> to_escape;
};

/// Looks through TOML `text`, which is UTF-8, for what toml++ 3.3 does not stand. A text that is no
/// TOML gives some answer, right up to its first syntax error.
///
/// Rationale: the parser bounds brackets but not the parts of a key, and frees tables recursively,
/// so that a key of a hundred thousand parts would exhaust the stack. And where it skips white
/// space, its behaviour is undefined for most characters beyond ASCII: outside of strings and
/// comments they are wrong anyway, behind a "\" at a line's end an escape means the same.
[[nodiscard]] TomlScan ScanToml(std::string_view text);

/// `text` with the characters at `offsets` written as \UNNNNNNNN. Lines stay as they are.
[[nodiscard]] std::string WithEscapes(std::string_view text, const std::vector<size_t>& offsets);

}  // namespace broker
