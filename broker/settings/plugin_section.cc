#include <algorithm>
#include <filesystem>

#include "settings/describe.h"
#include "settings/sections.h"

namespace broker {
namespace {

constexpr size_t kMostNameLength = 64;
constexpr int64_t kLeastReplayAgeUs = 1'000'000;
constexpr int64_t kMostReplayAgeUs = 365LL * 86'400 * 1'000'000;
constexpr int64_t kLeastTimeoutUs = 100'000;
constexpr int64_t kMostTimeoutUs = 3600LL * 1'000'000;
constexpr int64_t kMostStopTimeoutUs = 60LL * 1'000'000;

SettingsPosition PositionOf(const toml::source_region& region, const std::string& file) {
  return {file, region.begin.line, region.begin.column};
}

bool IsInstanceName(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !name.empty() && name.size() <= kMostNameLength &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// The instances' keys in the order of the file; the parser sorts tables by name.
std::vector<const toml::key*> InFileOrder(const toml::table& plugins) {
  std::vector<const toml::key*> keys;
  for (const auto& [key, node] : plugins) keys.push_back(&key);
  std::sort(keys.begin(), keys.end(), [](const toml::key* a, const toml::key* b) {
    return a->source().begin < b->source().begin;
  });
  return keys;
}

void CheckName(const toml::key& key, const std::string& dotted, const SectionContext& context) {
  if (IsInstanceName(key.str())) return;
  context.errors.push_back({PositionOf(key.source(), context.file), dotted,
                            "an instance's name is made of 1 to 64 of a-z, 0-9 and \"-\""});
}

/// A name without a folder stays as it is: the host looks for it in plugin_directory.
void ReadLibrary(TableReader& reader, const std::string& file, std::string& out) {
  std::string value = "presence";
  if (!reader.RequiredString("library", value)) return;
  std::string problem = ProblemOfPath(value);
  if (value == "." || value == "..") problem = "must name a file; found " + Quoted(value);
  if (!problem.empty()) {
    reader.Fail("library", problem);
    return;
  }
  const bool bare = !std::filesystem::path(value).has_parent_path();
  out = bare ? value : ResolvePath(value, file);
}

/// Shares the document, as a copy of the table would lose the positions.
std::shared_ptr<const toml::table> ReadConfig(TableReader& reader, const SectionContext& context) {
  const toml::table* config = reader.Table("config");
  if (config == nullptr) return std::make_shared<const toml::table>();
  return {context.document, config};
}

PluginSettings ReadPlugin(const toml::table& table, std::string name, const std::string& dotted,
                          const SectionContext& context) {
  PluginSettings plugin;
  plugin.name = std::move(name);
  plugin.position = PositionOf(table.source(), context.file);
  TableReader reader(table, dotted, context.file, context.errors);
  ReadLibrary(reader, context.file, plugin.library);
  reader.Boolean("enabled", plugin.enabled);
  reader.Boolean("watch", plugin.watch);
  reader.DurationOrUnlimited("replay_max_age", kLeastReplayAgeUs, kMostReplayAgeUs,
                             plugin.replay_max_age_us);
  std::vector<std::string> deny{"usher.emit/1"};
  if (reader.Strings("deny", deny)) plugin.deny = std::move(deny);
  std::vector<std::string> grant{"usher.run/1"};
  if (reader.Strings("grant", grant)) plugin.grant = std::move(grant);
  reader.Duration("start_timeout", kLeastTimeoutUs, kMostTimeoutUs, plugin.start_timeout_us);
  reader.Duration("event_timeout", kLeastTimeoutUs, kMostTimeoutUs, plugin.event_timeout_us);
  reader.Duration("stop_timeout", kLeastTimeoutUs, kMostStopTimeoutUs, plugin.stop_timeout_us);
  if (const toml::table* launch = reader.Table("launch"); launch != nullptr) {
    ReadLaunchGrant(*launch, dotted + ".launch", context, plugin.launch);
  }
  plugin.config = ReadConfig(reader, context);
  reader.Finish([&dotted](std::string_view key) {
    const std::string hint = HintForTopLevelKey(key);
    return hint.empty() ? "the plugin's own keys belong into [" + dotted + ".config]" : hint;
  });
  return plugin;
}

}  // namespace

void ReadPlugins(TableReader& root, const SectionContext& context,
                 std::vector<PluginSettings>& out) {
  const toml::table* plugins = root.Table("plugins");
  if (plugins == nullptr) return;
  TableReader reader(*plugins, "plugins", context.file, context.errors);
  for (const toml::key* key : InFileOrder(*plugins)) {
    const std::string dotted = reader.Dotted(key->str());
    CheckName(*key, dotted, context);
    const toml::table* table = reader.Table(key->str());
    if (table != nullptr)
      out.push_back(ReadPlugin(*table, std::string(key->str()), dotted, context));
  }
}

}  // namespace broker
