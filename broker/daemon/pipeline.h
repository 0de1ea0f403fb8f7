#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/server.h"
#include "daemon/broker_status.h"
#include "daemon/event_pump.h"
#include "daemon/reached_clock.h"
#include "daemon/reload.h"
#include "daemon/service.h"
#include "daemon/system_delay.h"
#include "dispatch/cursor_store.h"
#include "dispatch/hub.h"
#include "event/diagnostics.h"
#include "event/machine.h"
#include "eventlog/file_system.h"
#include "eventlog/writer.h"
#include "plugin_host/crash_handler.h"
#include "plugin_host/health.h"
#include "plugin_host/registry.h"
#include "session/committed_sessions.h"
#include "session/normalizer.h"
#include "settings/settings.h"
#include "source/source.h"

namespace broker {

/// The whole broker: the stages of the event's way, in its order, and how they are wired.
///
///   source ─> normalizer (table) ─> log ─> hub ─> lanes ─> plugins
///             └────────── the event pump's thread ──────┘
///
/// Use from the main thread: Start once, Stop once. How the plugins come up is in
/// pipeline_plugins.cc, the rest in pipeline.cc.
class Pipeline {
 public:
  /// `service` and `diagnostics` must outlive the pipeline.
  Pipeline(Settings settings, std::unique_ptr<FileSystem> files, Service& service,
           Diagnostics& diagnostics);
  ~Pipeline();

  /// Brings the stages up, from the log's recovery to the control socket. On failure whatever was
  /// started is stopped again. Fails only for what the administrator must mend: directories that
  /// cannot be used, another broker on the same state, a source that does not exist here; and with
  /// kStopped when somebody asks the service to stop meanwhile.
  Status Start();

  /// Has the configuration taken anew, without waiting for it. After Start.
  void Reload();

  /// Takes the stages down in the order in which the events run dry: source, pump, plugins, log.
  /// Bounded. False when a plugin is still inside a call, or the log's disk inside a
  /// write or a sync: the process must then end by _Exit.
  bool Stop();

  /// Whether Start failed for what [source] names, so that it will again until that is mended.
  [[nodiscard]] bool SettingsAreWrong() const { return settings_are_wrong_; }

  /// Whether the source ended by itself, but not well; known once Stop has returned.
  [[nodiscard]] bool SourceFailed() const { return source_failed_; }

  /// Whether events were given up at the end, as they could not be written; known once Stop
  /// has returned.
  [[nodiscard]] bool GaveUpEvents() const;

  /// Whether a plugin's library stays mapped although nothing is stuck: the process must end by
  /// _Exit then, too.
  [[nodiscard]] bool KeepsLibraries() const;

 private:
  Status Patiently(std::function<Status()> work);
  Status TakeDirectories();
  void RemoveLeftovers();
  Status LockLog();
  Status MakeSource();
  Status OpenLog();
  Status StartSource();
  [[nodiscard]] bool WaitForSnapshot();
  Status StartPlugins();
  void MakeActors(HostContext& context);
  void BringUpPlugins(const LaneOptions& lane);
  [[nodiscard]] const Clock& PluginClock();
  [[nodiscard]] std::vector<std::string> NotePlugins();
  void StartCrashRecord();
  void StartDelay();
  Status StartControl();
  [[nodiscard]] std::vector<Event> FirstEvents();
  void AnnounceStopping();
  void WaitUntilLogged();
  void WaitUntilDelivered();

  const Settings settings_;
  Service& service_;
  Diagnostics& diagnostics_;

  // In the order of construction and of the event's way; taken down in reverse.
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<FileLock> log_lock_;
  Machine machine_;
  std::string system_boot_id_;  ///< The machine's own, whatever the source says.
  LogRecovery recovery_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<LogWriter> log_;
  SessionTable table_;
  CommittedSessions committed_;
  std::unique_ptr<Normalizer> normalizer_;
  Hub hub_;
  std::unique_ptr<EventPump> pump_;
  std::unique_ptr<ReachedClock> reached_;  ///< Only where the source makes its own time.
  std::unique_ptr<CursorStore> cursors_;
  std::unique_ptr<HealthStore> health_;
  std::unique_ptr<ConfigProbe> probe_;
  std::shared_ptr<Runner> runner_;
  std::unique_ptr<SessionActor> actor_;
  std::shared_ptr<Launcher> launcher_;
  AgentBoard agents_;
  std::unique_ptr<CrashRecord> record_;
  std::unique_ptr<CrashHandler> crash_handler_;
  std::unique_ptr<PluginRegistry> plugins_;
  std::unique_ptr<SystemDelay> delay_;
  std::unique_ptr<Reloader> reloader_;
  std::unique_ptr<BrokerStatus> status_;
  std::unique_ptr<ControlServer> control_;
  bool started_ = false;
  bool source_failed_ = false;
  bool settings_are_wrong_ = false;
  bool stuck_ = false;  ///< A thread is left behind that works on this.
};

}  // namespace broker
