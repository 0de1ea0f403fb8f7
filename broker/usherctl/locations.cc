#include "usherctl/locations.h"

#include <filesystem>
#include <system_error>

#include "event/text.h"
#include "settings/load.h"

namespace broker {
namespace {

bool IsMissing(const std::string& path) {
  std::error_code error;
  return std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found;
}

LoadedSettings Load(const LocationOptions& options) {
  const std::string path = options.config.empty() ? kDefaultConfig : options.config;
  if (options.config.empty() && IsMissing(path)) return {};
  return LoadSettings(path);
}

std::optional<Settings> ReadSettings(const LocationOptions& options, Streams& streams,
                                     const std::string& instead) {
  LoadedSettings loaded = Load(options);
  if (loaded.errors.empty()) return std::move(loaded.settings);
  for (const SettingsError& error : loaded.errors) {
    streams.err << EscapeForTerminal(ToString(error)) << '\n';
  }
  Complain(streams, "the configuration is invalid; " + instead + " does without it");
  return std::nullopt;
}

}  // namespace

std::optional<std::string> FindSocket(const LocationOptions& options, Streams& streams) {
  if (!options.socket.empty()) return options.socket;
  const auto settings = ReadSettings(options, streams, "--socket PATH");
  if (!settings) return std::nullopt;
  return settings->control.socket;
}

std::string GuessSocket(const LocationOptions& options) {
  return options.socket.empty() ? Load(options).settings.control.socket : options.socket;
}

std::optional<std::string> FindLogDirectory(const LocationOptions& options, Streams& streams) {
  if (!options.log_directory.empty()) return options.log_directory;
  const auto settings = ReadSettings(options, streams, "--dir DIR");
  if (!settings) return std::nullopt;
  return settings->log.directory;
}

std::optional<std::string> FindCursorsDirectory(const LocationOptions& options, Streams& streams) {
  const auto settings = ReadSettings(options, streams, "tail without --follow-plugin");
  if (!settings) return std::nullopt;
  return settings->state_directory + "/cursors";
}

}  // namespace broker
