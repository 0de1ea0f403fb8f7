#include "usherctl/check_config.h"

#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "control/json_fields.h"
#include "event/text.h"
#include "isolation/child_probe.h"
#include "plugin_host/plugin_trial.h"
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
  const auto errors = TryConfiguration(loaded.settings, probe);
  if (!errors.ok()) {
    Complain(streams, errors.status().message() + "; --only-file does without");
    return kExitFailed;
  }
  loaded.errors = errors.value();
  return Report(options, loaded, streams);
}

int RunCheckConfig(const CheckConfigOptions& options, Streams& streams) {
  return RunCheckConfig(options, ChildProbe(PluginHostProgram()), streams);
}

}  // namespace broker
