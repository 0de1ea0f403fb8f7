#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "control/results.h"
#include "event/clock.h"
#include "event/diagnostics.h"
#include "event/mutex.h"
#include "eventlog/file_system.h"
#include "plugin_host/announcer.h"
#include "plugin_host/config_probe.h"
#include "plugin_host/registry.h"
#include "settings/settings.h"

namespace broker {

/// Takes the configuration anew while the broker runs.
///
/// Everything is checked before anything is changed: whether the file is trusted, all that it says,
/// the libraries and files that it names, and what each enabled plugin has against its table, which
/// it is asked in a process of its own. Then instances are taken down and brought up, one after the
/// other; events go on meanwhile. What takes a restart of the broker stays as it is, and is named.
///
/// Each outcome is an event, config.reloaded or config.rejected, and a word in the diagnostics.
///
/// Thread-safe; one reload at a time, the next one waits.
class Reloader {
 public:
  /// What it works with; all of it must outlive this.
  struct Parts {
    PluginRegistry& plugins;
    const ConfigProbe& probe;
    Announcer& announcer;
    const Clock& clock;
    FileSystem& files;
    Diagnostics& diagnostics;
  };

  /// `running` is the configuration that the broker was started with.
  Reloader(Settings running, Parts parts);
  /// Waits for a reload that is under way: PluginRegistry::PrepareToStop makes that short.
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  /// Reloads, and says what came of it. Takes as long as the plugins do: bounded by their
  /// deadlines.
  ReloadResult Reload();

  /// Has it done on a thread of its own. What is asked for before that has begun is one reload.
  void ReloadSoon();

  /// Whether the configuration allows that events are injected.
  [[nodiscard]] bool AllowsEmit() const { return allow_emit_; }

 private:
  void Run();
  [[nodiscard]] std::vector<std::string> Check(Settings& wanted) const;
  void Note(const std::vector<PluginSettings>& plugins) USHER_REQUIRES(reloading_);
  void Apply(Settings wanted, ReloadResult& result) USHER_REQUIRES(reloading_);
  void TellOf(const ReloadResult& result);
  void Reject(const std::vector<std::string>& errors);
  void Say(Severity severity, const std::string& text);

  const Parts parts_;
  const std::string file_;
  std::atomic<bool> allow_emit_;

  Mutex reloading_;  ///< Held during a reload.
  Settings running_ USHER_GUARDED_BY(reloading_);

  Mutex mutex_;
  Condition changed_;
  bool wanted_ USHER_GUARDED_BY(mutex_) = false;
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace broker
