#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "settings/toml_fwd.h"

namespace broker {

/// Where in the configuration something stands; 1-based, 0 = nowhere in particular.
struct SettingsPosition {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
};

struct SourceSettings {
  std::string type = "logind";  ///< "logind", "simulated" or "replay".
  std::string scenario;         ///< simulated: the scenario's file, an absolute path.
  double pace = 0.0;            ///< simulated: real seconds per scenario second; 0 = at once.
  std::string recording;        ///< replay: a log's directory, an absolute path.
  double speed = 1.0;           ///< replay: 1 = as it happened, 0 = at once, else from 0.001 on.
  SettingsPosition position;    ///< Of the table [source]; nowhere if there is none.
};

/// When events are made durable: before they are delivered, once in a while, or when the system
/// sees fit.
enum class SyncSetting : int32_t { kAlways = 0, kInterval, kNever };

struct LogSettings {
  std::string directory = "/var/log/usher";
  SyncSetting sync = SyncSetting::kAlways;
  int64_t sync_interval_us = 1'000'000;  ///< With kInterval.
  uint64_t segment_bytes = 16ULL << 20U;
  int64_t segment_age_us = 86'400'000'000;  ///< An older segment takes no more events.
  uint64_t total_bytes = 1ULL << 30U;
  int64_t total_age_us = 0;  ///< Older segments go, as seen from the newest event; 0 = unlimited.
};

struct ControlSettings {
  std::string socket = "/run/usher/control.sock";
  bool allow_emit = false;  ///< Root may have plugins told of what did not happen.
};

/// What an instance may launch: its table [plugins.NAME.launch].
struct LaunchGrant {
  std::vector<std::string>
      programs;  ///< Absolute paths; a folder, with "/" behind it, is all in it.
  std::vector<std::string> tokens{"user"};   ///< "user", "elevated", "system".
  std::vector<std::string> classes{"user"};  ///< Of sessions.

  friend bool operator==(const LaunchGrant&, const LaunchGrant&) = default;
};

/// One table [plugins.NAME]: one instance of a library.
struct PluginSettings {
  std::string name;     ///< The instance: [a-z0-9-]{1,64}.
  std::string library;  ///< An absolute file path, or a bare name to be found in plugin_directory.
  bool enabled = true;
  bool watch = false;  ///< Reloaded when its library changes; see Settings::allow_watch.
  /// Events that are older, or of another boot, are not delivered again; 0 = unlimited, and those
  /// of other boots are.
  int64_t replay_max_age_us = 600'000'000;
  std::vector<std::string> deny;   ///< Ids of extensions that it does not get,
  std::vector<std::string> grant;  ///< and of those that are not everybody's that it gets.
  LaunchGrant launch;              ///< What it may launch, where it may launch anything.
  /// How long one call may take before it is interrupted, and a little later abandoned.
  int64_t start_timeout_us = 10'000'000;  ///< create and init, each.
  int64_t event_timeout_us = 30'000'000;  ///< on_event and on_snapshot.
  int64_t stop_timeout_us = 3'000'000;    ///< stop and destroy, each.
  /// The plugin's own table [plugins.NAME.config], with its positions; never null, maybe empty.
  /// It keeps the whole parsed file alive; immutable, so any thread may read it.
  std::shared_ptr<const toml::table> config;
  SettingsPosition position;  ///< Of the instance's table.
};

/// Where the build installs plugins (USHER_PLUGIN_DIRECTORY of CMake).
[[nodiscard]] std::string DefaultPluginDirectory();

/// The whole configuration, with every default. A value; nothing in it is checked against the
/// system.
struct Settings {
  std::string file;  ///< Where it was read from.
  /// Cursors, plugins' stores, and the copies of libraries that are loaded: never mounted noexec.
  std::string state_directory = "/var/lib/usher";
  std::string runtime_directory = "/run/usher";  ///< Made at start, for the control socket.
  std::string plugin_directory = DefaultPluginDirectory();  ///< Where bare library names are found.
  bool allow_watch = false;  ///< `watch` holds for a privileged broker, too.
  SourceSettings source;
  LogSettings log;
  ControlSettings control;
  std::vector<PluginSettings> plugins;  ///< In the order of the file.
};

}  // namespace broker
