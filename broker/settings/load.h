#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/status.h"
#include "settings/settings.h"

namespace broker {

/// One thing that is wrong in the configuration.
struct SettingsError {
  SettingsPosition position;
  std::string key;      ///< Dotted, e.g. "log.segment_size"; empty for a syntax error.
  std::string message;  ///< What is wrong and what would be right.
};

/// "file:line:column: key: message", as compilers write it; what is not known is left out.
[[nodiscard]] std::string ToString(const SettingsError& error);

/// The first few of them, a line each.
[[nodiscard]] std::string ToString(const std::vector<SettingsError>& errors);

/// OK without errors, else kInvalid with their lines.
[[nodiscard]] Status ToStatus(const std::vector<SettingsError>& errors);

/// What came of reading a configuration: usable only if `errors` is empty.
struct LoadedSettings {
  Settings settings;
  std::vector<SettingsError> errors;  ///< By position.
};

/// The most bytes a configuration file may have.
inline constexpr size_t kMaxSettingsBytes = 1U << 20U;

/// Reads TOML text. Every error there is, at once: syntax (the first one only, as the parser stops
/// there), unknown keys (with the nearest known one), types, ranges, instance names.
/// `file` is the name for positions; relative paths in the text are taken from its folder.
/// Reports errors only in what it returns; thread-safe.
[[nodiscard]] LoadedSettings ParseSettings(std::string_view text, const std::string& file);

/// Reads the file at `path`; one that is missing, unreadable or too large is an error like any
/// other.
[[nodiscard]] LoadedSettings LoadSettings(const std::string& path);

}  // namespace broker
