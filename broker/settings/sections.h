#pragma once

#include <string>
#include <vector>

#include "settings/load.h"
#include "settings/table_reader.h"

namespace broker {

/// What the readers of the configuration's parts share.
struct SectionContext {
  std::string file;
  std::shared_ptr<const toml::table> document;  ///< The parsed file, which the settings keep alive.
  std::vector<SettingsError>& errors;
};

/// Each takes one table out of `root`, if it is there, and checks it as a whole.
void ReadSource(TableReader& root, const SectionContext& context, SourceSettings& out);
void ReadLog(TableReader& root, const SectionContext& context, LogSettings& out);
void ReadControl(TableReader& root, const SectionContext& context, ControlSettings& out);
void ReadPlugins(TableReader& root, const SectionContext& context,
                 std::vector<PluginSettings>& out);

/// Takes `key` as an absolute path.
void ReadAbsolutePath(TableReader& reader, std::string_view key, std::string& out);

/// `path`, if relative, from the folder of the configuration file. Lexical: no file is looked at.
[[nodiscard]] std::string ResolvePath(const std::string& path, const std::string& file);

/// What is wrong with `path` in any place; empty if nothing.
[[nodiscard]] std::string ProblemOfPath(const std::string& path);

/// Says where a key of the top level belongs that stands in another table.
[[nodiscard]] std::string HintForTopLevelKey(std::string_view key);

/// The table [plugins.NAME.launch], which is `dotted`.
void ReadLaunchGrant(const toml::table& table, const std::string& dotted,
                     const SectionContext& context, LaunchGrant& out);

}  // namespace broker
