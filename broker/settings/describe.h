#pragma once

#include <string>
#include <string_view>

#include "settings/toml_fwd.h"

namespace broker {

/// `text` in quotes, fit for one line of a terminal, long ones cut.
[[nodiscard]] std::string Quoted(std::string_view text);

/// `key` as TOML writes it: bare where it can be, else in quotes.
[[nodiscard]] std::string KeyText(std::string_view key);

/// "true" or "false"; a number in its shortest form.
[[nodiscard]] std::string BooleanText(bool value);
[[nodiscard]] std::string NumberText(double value);

/// What `node` is, for a sentence: `the text "abc"`, `the integer 5`, `an array`, …
[[nodiscard]] std::string Describe(const toml::node& node);

}  // namespace broker
