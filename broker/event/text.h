#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace broker {

/// Whether no byte of it is above 127.
[[nodiscard]] bool IsAscii(std::string_view text);

/// `text` as valid UTF-8: bytes that are none become "\xNN" (their hexadecimal value as text), so
/// that nothing is lost; a text over `limit` bytes is cut at a character's end and closed with "…".
/// The outcome never has more than `limit` bytes; below 3 there is no room for the "…".
[[nodiscard]] std::string ToUtf8(std::string_view text, size_t limit);

/// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms). Source: RFC 3629.
[[nodiscard]] bool IsUtf8(std::string_view text);

/// How many bytes at the start of `text` are well-formed UTF-8; all of them, or up to the first bad
/// one.
[[nodiscard]] size_t Utf8Prefix(std::string_view text);

/// `text` for a terminal: control, C1 and bidirectional characters become "\n", "\t", "\xNN" or
/// "\uNNNN" as text, so that a user name can neither move the cursor nor turn the line around.
[[nodiscard]] std::string EscapeForTerminal(std::string_view text);

/// How many columns `text` takes on a terminal, one per code point (and per byte that belongs to
/// none).
[[nodiscard]] size_t Columns(std::string_view text);

/// Whether all of `text` matches the shell-like `pattern`: `*` any run, `?` one code point, no
/// classes and no escapes. Takes at most the product of both lengths in steps, whatever the
/// pattern.
[[nodiscard]] bool MatchesGlob(std::string_view pattern, std::string_view text);

}  // namespace broker
