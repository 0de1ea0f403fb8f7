#include "settings/load.h"

#include <algorithm>
#include <tuple>

#include "settings/sections.h"
#include "settings/toml_text.h"

namespace broker {
namespace {

constexpr size_t kMaxErrorsTold = 8;

constexpr std::array<std::string_view, 4> kTopLevelKeys{"state_directory", "runtime_directory",
                                                        "plugin_directory", "allow_watch"};

void ReadDocument(const SectionContext& context, Settings& out) {
  TableReader root(*context.document, "", context.file, context.errors);
  ReadAbsolutePath(root, "state_directory", out.state_directory);
  ReadAbsolutePath(root, "runtime_directory", out.runtime_directory);
  ReadAbsolutePath(root, "plugin_directory", out.plugin_directory);
  root.Boolean("allow_watch", out.allow_watch);
  ReadSource(root, context, out.source);
  ReadLog(root, context, out.log);
  ReadControl(root, context, out.control);
  ReadPlugins(root, context, out.plugins);
  root.Finish();
}

void SortByPosition(std::vector<SettingsError>& errors) {
  const auto place = [](const SettingsError& error) {
    return std::tie(error.position.line, error.position.column);
  };
  std::stable_sort(errors.begin(), errors.end(),
                   [place](const auto& a, const auto& b) { return place(a) < place(b); });
}

LoadedSettings FromDocument(std::shared_ptr<const toml::table> document, const std::string& file,
                            LoadedSettings loaded) {
  loaded.settings.file = file;
  if (document == nullptr) return loaded;
  ReadDocument({file, std::move(document), loaded.errors}, loaded.settings);
  SortByPosition(loaded.errors);
  return loaded;
}

}  // namespace

std::string HintForTopLevelKey(std::string_view key) {
  const bool top = std::count(kTopLevelKeys.begin(), kTopLevelKeys.end(), key) > 0;
  return top ? "it belongs to the top of the file, above the first [table]" : "";
}

std::string ToString(const SettingsError& error) {
  std::string out = error.position.file;
  if (error.position.line != 0) out += ":" + std::to_string(error.position.line);
  if (error.position.column != 0) out += ":" + std::to_string(error.position.column);
  if (!out.empty()) out += ": ";
  if (!error.key.empty()) out += error.key + ": ";
  return out + error.message;
}

std::string ToString(const std::vector<SettingsError>& errors) {
  std::string text;
  for (size_t i = 0; i < errors.size() && i < kMaxErrorsTold; ++i) {
    text.append(i == 0 ? "" : "\n").append(ToString(errors[i]));
  }
  if (errors.size() > kMaxErrorsTold) {
    text.append("\nand ").append(std::to_string(errors.size() - kMaxErrorsTold)).append(" more");
  }
  return text;
}

Status ToStatus(const std::vector<SettingsError>& errors) {
  return errors.empty() ? Status() : Status(StatusCode::kInvalid, ToString(errors));
}

LoadedSettings ParseSettings(std::string_view text, const std::string& file) {
  LoadedSettings loaded;
  auto document = ParseToml(text, file, loaded.errors);
  return FromDocument(std::move(document), file, std::move(loaded));
}

LoadedSettings LoadSettings(const std::string& path) {
  LoadedSettings loaded;
  auto document = LoadToml(path, loaded.errors);
  return FromDocument(std::move(document), path, std::move(loaded));
}

}  // namespace broker
