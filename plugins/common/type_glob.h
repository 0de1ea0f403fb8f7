#pragma once

#include <string_view>

namespace plugins {

/// Whether all of `text` matches the shell-like `pattern`: `*` any run of bytes, `?` one of them.
[[nodiscard]] bool MatchesGlob(std::string_view pattern, std::string_view text);

}  // namespace plugins
