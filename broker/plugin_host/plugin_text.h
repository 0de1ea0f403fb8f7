#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "usher/status.h"

namespace broker {

/// A plugin's text up to its NUL; nullopt for a null pointer and where no NUL comes within `limit`
/// bytes and one more. Valid as long as the plugin's text is.
[[nodiscard]] std::optional<std::string_view> BoundedText(const char* text, size_t limit);

/// A plugin's text, made UTF-8 and cut where it is longer than `limit` bytes; "" for a null
/// pointer.
[[nodiscard]] std::string CutText(const char* text, size_t limit);

/// What a plugin wrote into an error of ours: bounded and made UTF-8, whatever it wrote.
[[nodiscard]] std::string TextOf(const usher_error& error);

/// Writes a sentence into a plugin's error, cut at a character's end; `error` may be null.
void WriteError(usher_error* error, std::string_view text) noexcept;

/// The name and meaning of a status as a sentence's end: "USHER_IO (-9)".
[[nodiscard]] std::string StatusText(usher_status status);

}  // namespace broker
