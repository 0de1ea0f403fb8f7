// usher/cpp/event_type.hpp: the types of events.
#ifndef USHER_CPP_EVENT_TYPE_HPP
#define USHER_CPP_EVENT_TYPE_HPP

#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "usher/event.h"
#include "usher/event_names.h"

namespace usher {

/// The types that have a number. A type without one is kUnknown: see Event::type_name().
enum class EventType : int32_t {
  kUnknown = USHER_EVENT_UNKNOWN,

  kSessionCreated = USHER_EVENT_SESSION_CREATED,
  kSessionLogon = USHER_EVENT_SESSION_LOGON,
  kSessionLogoff = USHER_EVENT_SESSION_LOGOFF,
  kSessionDestroyed = USHER_EVENT_SESSION_DESTROYED,
  kSessionConnected = USHER_EVENT_SESSION_CONNECTED,
  kSessionDisconnected = USHER_EVENT_SESSION_DISCONNECTED,
  kSessionLocked = USHER_EVENT_SESSION_LOCKED,
  kSessionUnlocked = USHER_EVENT_SESSION_UNLOCKED,
  kSessionLockRequested = USHER_EVENT_SESSION_LOCK_REQUESTED,
  kSessionUnlockRequested = USHER_EVENT_SESSION_UNLOCK_REQUESTED,
  kSessionRemoteControl = USHER_EVENT_SESSION_REMOTE_CONTROL,
  kConsoleSwitched = USHER_EVENT_CONSOLE_SWITCHED,
  kSessionUnknownChange = USHER_EVENT_SESSION_UNKNOWN_CHANGE,

  kSystemSuspending = USHER_EVENT_SYSTEM_SUSPENDING,
  kSystemResumed = USHER_EVENT_SYSTEM_RESUMED,
  kSystemShuttingDown = USHER_EVENT_SYSTEM_SHUTTING_DOWN,

  kSourceLost = USHER_EVENT_SOURCE_LOST,
  kSourceResynced = USHER_EVENT_SOURCE_RESYNCED,

  kBrokerStarted = USHER_EVENT_BROKER_STARTED,
  kBrokerStopping = USHER_EVENT_BROKER_STOPPING,
  kConfigReloaded = USHER_EVENT_CONFIG_RELOADED,
  kConfigRejected = USHER_EVENT_CONFIG_REJECTED,

  kPluginLoaded = USHER_EVENT_PLUGIN_LOADED,
  kPluginFailed = USHER_EVENT_PLUGIN_FAILED,
  kPluginOverdue = USHER_EVENT_PLUGIN_OVERDUE,
  kPluginQuarantined = USHER_EVENT_PLUGIN_QUARANTINED,
  kPluginReleased = USHER_EVENT_PLUGIN_RELEASED,
  kPluginLagging = USHER_EVENT_PLUGIN_LAGGING,
  kPluginSkipped = USHER_EVENT_PLUGIN_SKIPPED,

  kAgentLaunching = USHER_EVENT_AGENT_LAUNCHING,
  kAgentStarted = USHER_EVENT_AGENT_STARTED,
  kAgentExited = USHER_EVENT_AGENT_EXITED,
  kAgentBackingOff = USHER_EVENT_AGENT_BACKING_OFF,
  kAgentGaveUp = USHER_EVENT_AGENT_GAVE_UP,
  kAgentStopped = USHER_EVENT_AGENT_STOPPED,

  kMessageQueued = USHER_EVENT_MESSAGE_QUEUED,
  kMessageShown = USHER_EVENT_MESSAGE_SHOWN,
  kMessageAnswered = USHER_EVENT_MESSAGE_ANSWERED,
  kMessageExpired = USHER_EVENT_MESSAGE_EXPIRED,
  kMessageFailed = USHER_EVENT_MESSAGE_FAILED,

  kLogGap = USHER_EVENT_LOG_GAP,
  kLogDamaged = USHER_EVENT_LOG_DAMAGED,
  kSuppressed = USHER_EVENT_SUPPRESSED,
  kControlRequest = USHER_EVENT_CONTROL_REQUEST,
  kRunStarted = USHER_EVENT_RUN_STARTED,
  kRunEnded = USHER_EVENT_RUN_ENDED,
  kRunFailed = USHER_EVENT_RUN_FAILED,
  kActionDone = USHER_EVENT_ACTION_DONE,
  kActionFailed = USHER_EVENT_ACTION_FAILED,
};

namespace detail {

/// By number.
inline constexpr const char* kTypeNames[] = {
    "",
    USHER_NAME_SESSION_CREATED,
    USHER_NAME_SESSION_LOGON,
    USHER_NAME_SESSION_LOGOFF,
    USHER_NAME_SESSION_DESTROYED,
    USHER_NAME_SESSION_CONNECTED,
    USHER_NAME_SESSION_DISCONNECTED,
    USHER_NAME_SESSION_LOCKED,
    USHER_NAME_SESSION_UNLOCKED,
    USHER_NAME_SESSION_LOCK_REQUESTED,
    USHER_NAME_SESSION_UNLOCK_REQUESTED,
    USHER_NAME_SESSION_REMOTE_CONTROL,
    USHER_NAME_CONSOLE_SWITCHED,
    USHER_NAME_SESSION_UNKNOWN_CHANGE,
    USHER_NAME_SYSTEM_SUSPENDING,
    USHER_NAME_SYSTEM_RESUMED,
    USHER_NAME_SYSTEM_SHUTTING_DOWN,
    USHER_NAME_SOURCE_LOST,
    USHER_NAME_SOURCE_RESYNCED,
    USHER_NAME_BROKER_STARTED,
    USHER_NAME_BROKER_STOPPING,
    USHER_NAME_CONFIG_RELOADED,
    USHER_NAME_CONFIG_REJECTED,
    USHER_NAME_PLUGIN_LOADED,
    USHER_NAME_PLUGIN_FAILED,
    USHER_NAME_PLUGIN_OVERDUE,
    USHER_NAME_PLUGIN_QUARANTINED,
    USHER_NAME_PLUGIN_RELEASED,
    USHER_NAME_PLUGIN_LAGGING,
    USHER_NAME_PLUGIN_SKIPPED,
    USHER_NAME_AGENT_LAUNCHING,
    USHER_NAME_AGENT_STARTED,
    USHER_NAME_AGENT_EXITED,
    USHER_NAME_AGENT_BACKING_OFF,
    USHER_NAME_AGENT_GAVE_UP,
    USHER_NAME_AGENT_STOPPED,
    USHER_NAME_MESSAGE_QUEUED,
    USHER_NAME_MESSAGE_SHOWN,
    USHER_NAME_MESSAGE_ANSWERED,
    USHER_NAME_MESSAGE_EXPIRED,
    USHER_NAME_MESSAGE_FAILED,
    USHER_NAME_LOG_GAP,
    USHER_NAME_LOG_DAMAGED,
    USHER_NAME_SUPPRESSED,
    USHER_NAME_CONTROL_REQUEST,
    USHER_NAME_RUN_STARTED,
    USHER_NAME_RUN_ENDED,
    USHER_NAME_RUN_FAILED,
    USHER_NAME_ACTION_DONE,
    USHER_NAME_ACTION_FAILED,
};
inline constexpr int32_t kTypeCount = sizeof(kTypeNames) / sizeof(kTypeNames[0]);

/// The name for the ABI. Throws on a type that has none; in a constant, that does not compile.
constexpr const char* TypeName(EventType type) {
  const auto number = static_cast<int32_t>(type);
  if (number <= 0 || number >= kTypeCount) throw std::invalid_argument("no such event type");
  return kTypeNames[number];
}

/// Types of other plugins go by name.
constexpr const char* TypeName(const char* name) {
  return name;
}

}  // namespace detail

/// The dotted name, e.g. "session.logon"; empty for kUnknown and for what has no number here.
[[nodiscard]] constexpr std::string_view Name(EventType type) noexcept {
  const auto number = static_cast<int32_t>(type);
  return number > 0 && number < detail::kTypeCount ? detail::kTypeNames[number] : "";
}

}  // namespace usher

#endif
