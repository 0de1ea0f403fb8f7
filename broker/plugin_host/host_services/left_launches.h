#pragma once

#include <map>
#include <optional>
#include <string>

#include "action/launcher.h"
#include "event/mutex.h"
#include "plugin_host/host_services/plugin_launches.h"

namespace broker {

/// Agents whose instance has ended, kept until the next one of its name: that one takes them over,
/// or ends them, and hears of it either way.
///
/// Thread-safe.
class LeftLaunches {
 public:
  /// `launcher` must outlive this; null: there are no agents.
  explicit LeftLaunches(Launcher* launcher) : launcher_(launcher) {}
  /// Nobody listens to what is left any more.
  ~LeftLaunches();
  LeftLaunches(const LeftLaunches&) = delete;
  LeftLaunches& operator=(const LeftLaunches&) = delete;

  /// Of each instance what was put last counts.
  void Put(const std::string& instance, PluginLaunches::Left left);
  [[nodiscard]] std::optional<PluginLaunches::Left> Take(const std::string& instance);

 private:
  void Release(const PluginLaunches::Left& left);

  Launcher* const launcher_;
  Mutex mutex_;
  std::map<std::string, PluginLaunches::Left> left_ USHER_GUARDED_BY(mutex_);  ///< By instance.
};

}  // namespace broker
