#include "usherctl/check_config.h"

#include <filesystem>
#include <random>
#include <system_error>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "control/json_fields.h"
#include "event/text.h"
#include "isolation/child_probe.h"
#include "plugin_host/module.h"
#include "plugin_host/module_trust.h"
#include "plugin_host/plugin_places.h"
#include "settings/load.h"

namespace broker {
namespace {

std::string NamesOf(const std::vector<PluginSettings>& plugins) {
  std::string names;
  for (const PluginSettings& plugin : plugins) {
    if (!names.empty()) names += ", ";
    names += plugin.name;
    if (!plugin.enabled) names += " disabled";
  }
  return names;
}

std::string Summary(const Settings& settings) {
  const size_t count = settings.plugins.size();
  std::string text = "source " + settings.source.type + ", ";
  if (count == 0) return text + "no plugins";
  text += std::to_string(count) + (count == 1 ? " plugin (" : " plugins (");
  return text + NamesOf(settings.plugins) + ")";
}

boost::json::object ToJson(const SettingsError& error) {
  return {{"file", JsonText(error.position.file)},
          {"line", error.position.line},
          {"column", error.position.column},
          {"key", JsonText(error.key)},
          {"message", JsonText(error.message)}};
}

void PrintJson(const CheckConfigOptions& options, const LoadedSettings& loaded, Streams& streams) {
  boost::json::array errors;
  for (const SettingsError& error : loaded.errors) errors.push_back(ToJson(error));
  const boost::json::object report{{"file", JsonText(options.file)},
                                   {"valid", loaded.errors.empty()},
                                   {"errors", std::move(errors)}};
  streams.out << boost::json::serialize(report) << '\n';
}

void PrintText(const CheckConfigOptions& options, const LoadedSettings& loaded, Streams& streams) {
  for (const SettingsError& error : loaded.errors) {
    streams.err << EscapeForTerminal(ToString(error)) << '\n';
  }
  if (!loaded.errors.empty()) return;
  streams.out << EscapeForTerminal(options.file)
              << " is valid: " << EscapeForTerminal(Summary(loaded.settings)) << '\n';
}

std::vector<SettingsError> Try(const PluginSettings& plugin, const std::string& file,
                               const std::string& copies, const ConfigProbe& probe) {
  Result<std::string> copied = CopyTrusted(file, copies);
  if (!copied.ok()) {
    return {{plugin.position, "plugins." + plugin.name, copied.status().message()}};
  }
  const ScopedFile copy(std::move(copied).value());
  return probe.Probe(plugin, copy.Path(), file);
}

std::vector<SettingsError> AskPlugins(const Settings& settings, const std::string& copies,
                                      const ConfigProbe& probe) {
  std::vector<SettingsError> errors;
  const PluginPlaces places{settings.file, settings.plugin_directory, {}, {}};
  for (const PluginSettings& plugin : settings.plugins) {
    if (!plugin.enabled) continue;
    const auto found = Try(plugin, LibraryFile(places, plugin.library), copies, probe);
    errors.insert(errors.end(), found.begin(), found.end());
  }
  return errors;
}

/// A folder for the copies of libraries that are tried. Removed in the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::random_device random;
    const uint64_t number = (uint64_t{random()} << 32U) | random();
    std::error_code none;  // Who makes the folder says what is wrong.
    path_ = std::filesystem::temp_directory_path(none) / ("usherctl-" + std::to_string(number));
    status_ = PrepareCopyDirectory(path_.string())
                  .Annotate(
                      "plugins cannot be tried; TMPDIR names another place, --only-file "
                      "does without");
  }
  ~ScratchFolder() {
    std::error_code ignored;  // It is empty, and in a folder for such things.
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] std::string Path() const { return path_.string(); }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  std::filesystem::path path_;
  Status status_;
};

bool AsksPlugins(const CheckConfigOptions& options, const LoadedSettings& loaded) {
  return !options.only_file && loaded.errors.empty();
}

int Report(const CheckConfigOptions& options, const LoadedSettings& loaded, Streams& streams) {
  if (options.json) {
    PrintJson(options, loaded, streams);
  } else {
    PrintText(options, loaded, streams);
  }
  const ExitCode written = FinishOutput(streams);
  return loaded.errors.empty() ? written : kExitInvalidConfiguration;
}

}  // namespace

int RunCheckConfig(const CheckConfigOptions& options, const ConfigProbe& probe, Streams& streams) {
  LoadedSettings loaded = LoadSettings(options.file);
  if (!AsksPlugins(options, loaded)) return Report(options, loaded, streams);
  const ScratchFolder scratch;
  if (!scratch.status().ok()) {
    Complain(streams, scratch.status().message());
    return kExitFailed;
  }
  loaded.errors = AskPlugins(loaded.settings, scratch.Path(), probe);
  return Report(options, loaded, streams);
}

int RunCheckConfig(const CheckConfigOptions& options, Streams& streams) {
  return RunCheckConfig(options, ChildProbe(PluginHostProgram()), streams);
}

}  // namespace broker
