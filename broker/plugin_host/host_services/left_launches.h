#pragma once

#include <map>
#include <optional>
#include <string>

#include "action/launcher.h"
#include "event/clock.h"
#include "event/mutex.h"
#include "plugin_host/announcer.h"
#include "plugin_host/host_services/plugin_launches.h"

namespace broker {

/// Agents whose instance has ended, kept until the next one of its name: that one takes them over,
/// or ends them, and hears of it either way. Where there is to be no next one they are ended.
///
/// Thread-safe.
class LeftLaunches {
 public:
  /// `launcher` must outlive this, the others also `launcher`; without one there are no agents.
  LeftLaunches(Launcher* launcher, Announcer& announcer, const Clock& clock)
      : launcher_(launcher), announcer_(announcer), clock_(clock) {}
  /// Nobody listens to what is left any more.
  ~LeftLaunches();
  LeftLaunches(const LeftLaunches&) = delete;
  LeftLaunches& operator=(const LeftLaunches&) = delete;

  /// Of each instance what was put last counts.
  void Put(const std::string& instance, PluginLaunches::Left left);
  [[nodiscard]] std::optional<PluginLaunches::Left> Take(const std::string& instance);

  /// There is no instance of this name any more: what it has left is ended, also by brokers before
  /// this one. The log tells what becomes of those of this one, of each its start and its end at
  /// most; nothing where the chain of causes is too long.
  void End(const std::string& instance);

 private:
  void Release(const PluginLaunches::Left& left);

  Launcher* const launcher_;
  Announcer& announcer_;
  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, PluginLaunches::Left> left_ USHER_GUARDED_BY(mutex_);  ///< By instance.
};

}  // namespace broker
