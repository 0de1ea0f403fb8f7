#pragma once

#include <string>

#include "event/status.h"
#include "sdk/check/finding.h"
#include "settings/settings.h"

namespace broker::check {

/// A folder for one run, removed with everything in it when this is destroyed.
class RunFolder {
 public:
  /// Below the system's folder for temporary files, nobody else's to enter.
  static Result<RunFolder> Make();
  ~RunFolder();
  RunFolder(RunFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  RunFolder& operator=(RunFolder&&) = delete;

  [[nodiscard]] const std::string& Path() const { return path_; }

 private:
  explicit RunFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// What came of looking at the plugin's file, before any of it is run.
struct CheckedFile {
  CheckResult result;
  std::string copy;      ///< In the run's folder; empty where it cannot be loaded.
  bool refused = false;  ///< It is not trusted, and this process may do everything.
};

/// The check `file`: whether the broker would load it (see CopyTrusted). Who is not root may check
/// what others can change as well.
[[nodiscard]] CheckedFile CheckFile(const std::string& path, const RunFolder& folder);

/// The table [plugins.NAME] of the configuration in `file` that is about the library at `plugin`:
/// the one of its name, or the only one. The error may have several lines.
[[nodiscard]] Result<PluginSettings> ReadPluginSettings(const std::string& file,
                                                        const std::string& plugin);

}  // namespace broker::check
