#pragma once

#include "dispatch/cursor_store.h"
#include "dispatch/hub.h"
#include "event/clock.h"
#include "event/diagnostics.h"
#include "eventlog/event_ring.h"
#include "eventlog/file_system.h"
#include "plugin_host/announcer.h"
#include "session/committed_sessions.h"

namespace broker {

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
};

}  // namespace broker
