#pragma once

#include <memory>
#include <string_view>

#include "action/launcher.h"
#include "action/runner.h"
#include "action/session_actor.h"
#include "dispatch/cursor_store.h"
#include "event/clock.h"
#include "event/diagnostics.h"
#include "eventlog/event_ring.h"
#include "eventlog/file_system.h"
#include "plugin_host/agent_board.h"
#include "plugin_host/announcer.h"
#include "plugin_host/call_monitor.h"
#include "plugin_host/config_probe.h"
#include "plugin_host/crash_record.h"
#include "plugin_host/health.h"
#include "session/committed_sessions.h"

namespace broker {

class Hub;
class LeftLaunches;

/// Is told what a plugin does with the host's functions that the interface forbids, in sentences
/// without a subject. Thread-safe.
class MisuseWatch {
 public:
  virtual ~MisuseWatch() = default;
  virtual void Misused(std::string_view what) noexcept = 0;
};

/// What the host leans on. Everything must outlive the registry; and, where PluginRegistry::Stop
/// names instances that are stuck, the process.
struct HostContext {
  FileSystem& files;
  Diagnostics& diagnostics;
  Announcer& announcer;
  const Clock& clock;
  const CommittedSessions& sessions;
  Hub& hub;
  const EventRing& ring;
  const CursorStore& cursors;
  /// What happens is not real: nothing of it is kept.
  bool simulated = false;
  MisuseWatch* misuse = nullptr;  ///< Null where nobody wants to know.
  HealthStore* health = nullptr;  ///< Null: failures are forgotten with the instance.
  ConfigProbe* probe = nullptr;   ///< Null: a library is loaded anew without a try.
  CrashRecord* record = nullptr;  ///< Null: who crashed the broker is not known afterwards.
  Runner* runner = nullptr;       ///< Null: no program can be run.
  Launcher* launcher = nullptr;   ///< Null: no agent can be launched.
  SessionActor* actor = nullptr;  ///< Null: nothing can be done to sessions.
  AgentBoard* agents = nullptr;   ///< Null: nobody wants to know how they are.
  std::shared_ptr<LeftLaunches> left = nullptr;    ///< Null: the registry has its own.
  std::shared_ptr<CallMonitor> monitor = nullptr;  ///< Not started; null: the registry has its own.
};

}  // namespace broker
