#include "settings/changes.h"

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <utility>

#include "settings/toml.h"

namespace broker {
namespace {

const PluginSettings* Find(const Settings& settings, const std::string& name) {
  const auto found = std::ranges::find(settings.plugins, name, &PluginSettings::name);
  return found == settings.plugins.end() ? nullptr : &*found;
}

bool IsBare(const std::string& library) {
  return !std::filesystem::path(library).has_parent_path();
}

bool SaysTheSame(const PluginSettings& a, const PluginSettings& b) {
  const auto all = [](const PluginSettings& plugin) {
    return std::tie(plugin.library, plugin.enabled, plugin.watch, plugin.replay_max_age_us,
                    plugin.deny, plugin.grant, plugin.launch, plugin.start_timeout_us,
                    plugin.event_timeout_us, plugin.stop_timeout_us);
  };
  return all(a) == all(b) && *a.config == *b.config;
}

}  // namespace

PluginChanges ComparePlugins(const Settings& running, const Settings& wanted) {
  const bool moved = running.plugin_directory != wanted.plugin_directory;
  PluginChanges changes;
  for (const PluginSettings& plugin : wanted.plugins) {
    const PluginSettings* const before = Find(running, plugin.name);
    if (before == nullptr) {
      changes.added.push_back(plugin.name);
    } else if (!SaysTheSame(*before, plugin) || (moved && IsBare(plugin.library))) {
      changes.changed.push_back(plugin.name);
    }
  }
  for (const PluginSettings& plugin : running.plugins) {
    if (Find(wanted, plugin.name) == nullptr) changes.removed.push_back(plugin.name);
  }
  return changes;
}

std::vector<std::string> KeepWhatNeedsRestart(const Settings& running, Settings& wanted) {
  std::vector<std::string> keys;
  const auto keep = [&keys](const char* key, const auto& now, auto& then) {
    if (now == then) return;
    keys.emplace_back(key);
    then = now;
  };
  keep("state_directory", running.state_directory, wanted.state_directory);
  keep("runtime_directory", running.runtime_directory, wanted.runtime_directory);
  keep("source.type", running.source.type, wanted.source.type);
  keep("source.scenario", running.source.scenario, wanted.source.scenario);
  keep("source.pace", running.source.pace, wanted.source.pace);
  keep("source.recording", running.source.recording, wanted.source.recording);
  keep("source.speed", running.source.speed, wanted.source.speed);
  keep("log.directory", running.log.directory, wanted.log.directory);
  keep("log.sync", running.log.sync, wanted.log.sync);
  keep("log.sync_interval", running.log.sync_interval_us, wanted.log.sync_interval_us);
  keep("log.segment_size", running.log.segment_bytes, wanted.log.segment_bytes);
  keep("log.segment_age", running.log.segment_age_us, wanted.log.segment_age_us);
  keep("log.total_size", running.log.total_bytes, wanted.log.total_bytes);
  keep("log.total_age", running.log.total_age_us, wanted.log.total_age_us);
  keep("control.socket", running.control.socket, wanted.control.socket);
  return keys;
}

}  // namespace broker
