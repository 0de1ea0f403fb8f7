#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dispatch/lane.h"
#include "plugin_host/host_context.h"
#include "plugin_host/plugin_state.h"
#include "settings/settings.h"

namespace broker {

/// One row of `usherctl plugins`.
struct PluginStatus {
  std::string instance;
  std::string id;  ///< From the descriptor; empty if the library could not be loaded.
  std::string version;
  std::string library;  ///< The file it was loaded from.
  PluginState state = PluginState::kStopped;
  uint32_t strikes = 0;
  Seq acknowledged = 0;
  Seq lag = 0;             ///< Events between its cursor and the log's end.
  std::string last_error;  ///< Sentence; empty if none.
};

/// All plugin instances of the configuration, with their lanes.
///
/// Load, Activate and Stop from the main thread, in this order; List from any thread.
class PluginRegistry {
 public:
  explicit PluginRegistry(HostContext context);
  ~PluginRegistry();

  /// Loads every enabled instance's library, in the configured order: trust first, then ABI and
  /// needs. What fails is a plugin.failed event and a row in List(); the others go on. `lane` is
  /// the template for their lanes; its `instance` is filled in here.
  void Load(const Settings& settings, const LaneOptions& lane);

  /// Activates the loaded ones one after the other, in the configured order. They share `deadline`;
  /// who is not up by then is a plugin.overdue event and goes on by itself.
  void Activate(std::chrono::milliseconds deadline);

  /// Stops them in reverse order; they share `deadline`. Returns the names of those still inside a
  /// call: their libraries stay loaded, and the process must end by _exit.
  std::vector<std::string> Stop(std::chrono::milliseconds deadline);

  [[nodiscard]] std::vector<PluginStatus> List() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace broker
