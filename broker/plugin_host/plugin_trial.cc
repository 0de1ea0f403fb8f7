#include "plugin_host/plugin_trial.h"

#include <filesystem>
#include <random>
#include <string>
#include <system_error>
#include <utility>

#include "plugin_host/module.h"
#include "plugin_host/module_trust.h"
#include "plugin_host/plugin_places.h"
#include "settings/source_files.h"

namespace broker {
namespace {

/// A folder for the copies of libraries that are tried. Removed in the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::random_device random;
    const uint64_t number = (uint64_t{random()} << 32U) | random();
    std::error_code none;  // Who makes the folder says what is wrong.
    path_ = std::filesystem::temp_directory_path(none) / ("usher-" + std::to_string(number));
    status_ = PrepareCopyDirectory(path_.string())
                  .Annotate("plugins cannot be tried; TMPDIR names another place");
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

std::vector<SettingsError> Try(const PluginSettings& plugin, const std::string& file,
                               const std::string& copies, const ConfigProbe& probe) {
  Result<std::string> copied = CopyTrusted(file, copies);
  if (!copied.ok()) {
    return {{plugin.position, "plugins." + plugin.name, copied.status().message()}};
  }
  const ScopedFile copy(std::move(copied).value());
  return probe.Probe(plugin, copy.Path(), file);
}

}  // namespace

Result<std::vector<SettingsError>> TryPlugins(const Settings& settings, const ConfigProbe& probe) {
  const ScratchFolder scratch;
  if (!scratch.status().ok()) return scratch.status();
  std::vector<SettingsError> errors;
  const PluginPlaces places{settings.file, settings.plugin_directory, {}, {}};
  for (const PluginSettings& plugin : settings.plugins) {
    if (!plugin.enabled) continue;
    const auto found = Try(plugin, LibraryFile(places, plugin.library), scratch.Path(), probe);
    errors.insert(errors.end(), found.begin(), found.end());
  }
  return errors;
}

Result<std::vector<SettingsError>> TryConfiguration(const Settings& settings,
                                                    const ConfigProbe& probe) {
  std::vector<SettingsError> errors = CheckSourceFiles(settings);
  const auto found = TryPlugins(settings, probe);
  if (!found.ok()) return found.status();
  errors.insert(errors.end(), found->begin(), found->end());
  return errors;
}

}  // namespace broker
