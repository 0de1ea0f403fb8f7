#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "dispatch/lane.h"
#include "plugin_host/host_context.h"
#include "plugin_host/managed_plugin.h"
#include "settings/changes.h"
#include "settings/settings.h"

namespace broker {

/// What came of one instance as the configuration was reloaded.
struct AppliedChange {
  std::string instance;
  /// OK: it is up, or down if that was wanted, or stays quarantined. kTimeout: it is still coming
  /// up.
  Status outcome;
};

/// All plugin instances of the configuration, with their lanes.
///
/// Load, Activate and Stop from the main thread, in this order; the rest from any thread, and one
/// of what steers an instance at a time. That takes some seconds, and as long as the event at hand.
class PluginRegistry {
 public:
  /// Starts the context's monitor, or makes one.
  explicit PluginRegistry(const HostContext& context);
  ~PluginRegistry();

  /// Loads every enabled instance's library, in the configured order: trust first, then ABI and
  /// needs. What fails is a plugin.failed event and a row in List(); the others go on. `lane` is
  /// the template for their lanes; its `instance` is filled in here.
  void Load(const Settings& settings, const LaneOptions& lane);

  /// Activates the loaded ones one after the other, in the configured order. They share `deadline`;
  /// who is not up by then goes on by itself, as long as its own limits let it. PrepareToStop ends
  /// it soon.
  void Activate(std::chrono::milliseconds deadline);

  /// Ends the agents that these have left, which were configured when a broker before this one ran.
  /// Of those that are disabled or removed while this one runs it is done without being asked.
  void EndAgentsOf(const std::vector<std::string>& instances);

  /// Nothing is done to instances from now on, and what is being done comes to its end soon. From
  /// any thread.
  void PrepareToStop() noexcept;

  /// Stops them in reverse order; they share `deadline`. Returns the names of those that are stuck
  /// inside a call, now or since earlier: their libraries stay loaded, and the process must end by
  /// _exit.
  std::vector<std::string> Stop(std::chrono::milliseconds deadline);

  /// Whether a library stays loaded although nobody is known to be inside it: the process must end
  /// by _exit.
  [[nodiscard]] bool KeepsLibraries() const;

  /// Lets an instance that is quarantined or was abandoned start anew, at the log's end, without
  /// its strikes. OK once it is up; kTimeout: not within two seconds, but it is at it; else why it
  /// failed. A library that fails its checks changes nothing. kNotFound: there is none of that
  /// name. kInvalid: it is neither.
  Status Release(const std::string& instance);

  /// Takes an instance down until Enable, restarts included. kNotFound; kInvalid: it is disabled.
  Status Disable(const std::string& instance);

  /// Takes a Disable back; answers as Release. kInvalid: it is not disabled, or the configuration
  /// disables it.
  Status Enable(const std::string& instance);

  /// Replaces an instance by one of the library as it is on the disk now, which goes on exactly
  /// where it was: nothing is lost, nothing that was acknowledged comes again. A library that fails
  /// its checks changes nothing; where its init fails, the instance before comes back. Answers as
  /// Release. kInvalid: it is disabled, starting, quarantined or was abandoned.
  Status Reload(const std::string& instance);

  /// Brings the instances to what `settings` says; `changes` are those from the tables at hand to
  /// these. Who has not changed is left alone. One that has goes on where it was; where its library
  /// cannot be loaded, with the table that it has, and else, as one that is added, it may fail.
  /// Returns those that were to come up. After Activate, and one at a time.
  std::vector<AppliedChange> Apply(const Settings& settings, const PluginChanges& changes);

  /// The tables that are in force.
  [[nodiscard]] std::vector<PluginSettings> Tables() const;

  /// The calls into an instance behind `after`, as CallTrace::Read. kNotFound.
  Result<TracePage> Trace(const std::string& instance, uint64_t after,
                          std::chrono::milliseconds wait);

  [[nodiscard]] std::vector<PluginStatus> List() const;

  /// Those that want events of this type and are not done with this one.
  [[nodiscard]] std::vector<PluginStatus> Owing(EventType type, Seq seq) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace broker
