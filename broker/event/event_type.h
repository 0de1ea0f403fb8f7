#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace broker {

/// Every type of event there is. The numbers are the SDK's (usher/event.h) and never change; the
/// log stores names.
enum class EventType : int32_t {
  kUnknown = 0,  ///< A type this version has no number for; Event::type_name still has its name.

  kSessionCreated,
  kSessionLogon,
  kSessionLogoff,
  kSessionDestroyed,
  kSessionConnected,
  kSessionDisconnected,
  kSessionLocked,
  kSessionUnlocked,
  kSessionLockRequested,
  kSessionUnlockRequested,
  kSessionRemoteControl,
  kConsoleSwitched,
  kSessionUnknownChange,

  kSystemSuspending,
  kSystemResumed,
  kSystemShuttingDown,

  kSourceLost,
  kSourceResynced,

  kBrokerStarted,
  kBrokerStopping,
  kConfigReloaded,
  kConfigRejected,

  kPluginLoaded,
  kPluginFailed,
  kPluginOverdue,
  kPluginQuarantined,
  kPluginReleased,
  kPluginLagging,
  kPluginSkipped,

  kAgentLaunching,
  kAgentStarted,
  kAgentExited,
  kAgentBackingOff,
  kAgentGaveUp,
  kAgentStopped,

  kMessageQueued,
  kMessageShown,
  kMessageAnswered,
  kMessageExpired,
  kMessageFailed,

  kLogGap,
  kLogDamaged,
  kSuppressed,
  kControlRequest,

  kRunStarted,
  kRunEnded,
  kRunFailed,

  kActionDone,
  kActionFailed,

  kCount,  ///< How many there are, kUnknown included.
};

/// The dotted name, e.g. "session.logon"; empty for kUnknown.
[[nodiscard]] std::string_view Name(EventType type);

/// The type with this dotted name.
[[nodiscard]] std::optional<EventType> ParseEventType(std::string_view name);

}  // namespace broker
