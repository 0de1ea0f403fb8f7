#include "settings/toml_text.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "event/text.h"
#include "settings/text_file.h"
#include "settings/toml.h"
#include "settings/toml_error.h"
#include "settings/toml_guard.h"

namespace broker {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Adds an error and answers false where `text` is nothing that the parser should see.
bool CheckText(std::string_view text, const std::string& file, std::vector<SettingsError>& errors) {
  if (const size_t good = Utf8Prefix(text); good < text.size()) {
    errors.push_back({PositionAt(text, good, file), "",
                      "the byte " + ToUtf8(text.substr(good, 1), 8) +
                          " is no UTF-8; save the file as UTF-8 text"});
    return false;
  }
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    errors.push_back({PositionAt(text, nul, file), "",
                      "a NUL character: this is no text file, or a damaged one"});
    return false;
  }
  return true;
}

SettingsError AtHazard(std::string_view text, TomlHazard hazard, const std::string& file) {
  return {PositionAt(text, hazard.offset, file), "", std::move(hazard.message)};
}

SettingsError FromParser(std::string_view text, const toml::parse_error& error,
                         const std::string& file) {
  const toml::source_position& begin = error.source().begin;
  return RewordTomlError(text, error.description(), {file, begin.line, begin.column});
}

std::shared_ptr<const toml::table> ParseChecked(const std::string& text, const std::string& file,
                                                std::vector<SettingsError>& errors) {
  try {
    return std::make_shared<const toml::table>(toml::parse(text));
  } catch (const toml::parse_error& error) {
    errors.push_back(FromParser(text, error, file));
  } catch (const std::exception& error) {
    errors.push_back({{file}, "", std::string("cannot be parsed: ") + error.what()});
  }
  return nullptr;
}

}  // namespace

std::shared_ptr<const toml::table> ParseToml(std::string_view text, const std::string& file,
                                             std::vector<SettingsError>& errors) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!CheckText(text, file, errors)) return nullptr;
  TomlScan scan = ScanToml(text);
  if (!scan.hazard) return ParseChecked(WithEscapes(text, scan.to_escape), file, errors);
  errors.push_back(AtHazard(text, *std::move(scan.hazard), file));
  return nullptr;
}

std::shared_ptr<const toml::table> LoadToml(const std::string& path,
                                            std::vector<SettingsError>& errors) {
  const Result<std::string> text = ReadTextFile(path, kMaxSettingsBytes);
  if (text.ok()) return ParseToml(text.value(), path, errors);
  errors.push_back({{path}, "", text.status().message()});
  return nullptr;
}

}  // namespace broker
