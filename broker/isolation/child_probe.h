#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "isolation/cutoff.h"
#include "plugin_host/config_probe.h"

namespace broker {

/// Tries each plugin in a child process of its own. Any thread.
class ChildProbe final : public ConfigProbe {
 public:
  /// How long one try may take.
  static constexpr std::chrono::seconds kLimit{5};

  /// `program` is usher-plugin-host.
  explicit ChildProbe(std::string program) : program_(std::move(program)) {}

  [[nodiscard]] std::vector<SettingsError> Probe(const PluginSettings& settings,
                                                 const std::string& copy,
                                                 const std::string& path) const override;
  void End() noexcept override { cutoff_.Cut(); }

 private:
  const std::string program_;
  mutable Cutoff cutoff_;  ///< Thread-safe.
};

/// The path of usher-plugin-host: beside this program, as in a build tree, or where it is
/// installed.
[[nodiscard]] std::string PluginHostProgram();

}  // namespace broker
