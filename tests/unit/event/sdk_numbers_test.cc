#include <gtest/gtest.h>

#include "event/event.h"
#include "event/event_type.h"
#include "event/session.h"
#include "usher/event.h"

namespace broker {
namespace {

template <class Enum>
constexpr bool Is(Enum value, int32_t number) {
  return static_cast<int32_t>(value) == number;
}

static_assert(Is(EventType::kUnknown, USHER_EVENT_UNKNOWN));
static_assert(Is(EventType::kSessionCreated, USHER_EVENT_SESSION_CREATED));
static_assert(Is(EventType::kSessionLogon, USHER_EVENT_SESSION_LOGON));
static_assert(Is(EventType::kSessionLogoff, USHER_EVENT_SESSION_LOGOFF));
static_assert(Is(EventType::kSessionDestroyed, USHER_EVENT_SESSION_DESTROYED));
static_assert(Is(EventType::kSessionConnected, USHER_EVENT_SESSION_CONNECTED));
static_assert(Is(EventType::kSessionDisconnected, USHER_EVENT_SESSION_DISCONNECTED));
static_assert(Is(EventType::kSessionLocked, USHER_EVENT_SESSION_LOCKED));
static_assert(Is(EventType::kSessionUnlocked, USHER_EVENT_SESSION_UNLOCKED));
static_assert(Is(EventType::kSessionLockRequested, USHER_EVENT_SESSION_LOCK_REQUESTED));
static_assert(Is(EventType::kSessionUnlockRequested, USHER_EVENT_SESSION_UNLOCK_REQUESTED));
static_assert(Is(EventType::kSessionRemoteControl, USHER_EVENT_SESSION_REMOTE_CONTROL));
static_assert(Is(EventType::kConsoleSwitched, USHER_EVENT_CONSOLE_SWITCHED));
static_assert(Is(EventType::kSessionUnknownChange, USHER_EVENT_SESSION_UNKNOWN_CHANGE));
static_assert(Is(EventType::kSystemSuspending, USHER_EVENT_SYSTEM_SUSPENDING));
static_assert(Is(EventType::kSystemResumed, USHER_EVENT_SYSTEM_RESUMED));
static_assert(Is(EventType::kSystemShuttingDown, USHER_EVENT_SYSTEM_SHUTTING_DOWN));
static_assert(Is(EventType::kSourceLost, USHER_EVENT_SOURCE_LOST));
static_assert(Is(EventType::kSourceResynced, USHER_EVENT_SOURCE_RESYNCED));
static_assert(Is(EventType::kBrokerStarted, USHER_EVENT_BROKER_STARTED));
static_assert(Is(EventType::kBrokerStopping, USHER_EVENT_BROKER_STOPPING));
static_assert(Is(EventType::kConfigReloaded, USHER_EVENT_CONFIG_RELOADED));
static_assert(Is(EventType::kConfigRejected, USHER_EVENT_CONFIG_REJECTED));
static_assert(Is(EventType::kPluginLoaded, USHER_EVENT_PLUGIN_LOADED));
static_assert(Is(EventType::kPluginFailed, USHER_EVENT_PLUGIN_FAILED));
static_assert(Is(EventType::kPluginOverdue, USHER_EVENT_PLUGIN_OVERDUE));
static_assert(Is(EventType::kPluginQuarantined, USHER_EVENT_PLUGIN_QUARANTINED));
static_assert(Is(EventType::kPluginReleased, USHER_EVENT_PLUGIN_RELEASED));
static_assert(Is(EventType::kPluginLagging, USHER_EVENT_PLUGIN_LAGGING));
static_assert(Is(EventType::kPluginSkipped, USHER_EVENT_PLUGIN_SKIPPED));
static_assert(Is(EventType::kAgentLaunching, USHER_EVENT_AGENT_LAUNCHING));
static_assert(Is(EventType::kAgentStarted, USHER_EVENT_AGENT_STARTED));
static_assert(Is(EventType::kAgentExited, USHER_EVENT_AGENT_EXITED));
static_assert(Is(EventType::kAgentBackingOff, USHER_EVENT_AGENT_BACKING_OFF));
static_assert(Is(EventType::kAgentGaveUp, USHER_EVENT_AGENT_GAVE_UP));
static_assert(Is(EventType::kAgentStopped, USHER_EVENT_AGENT_STOPPED));
static_assert(Is(EventType::kMessageQueued, USHER_EVENT_MESSAGE_QUEUED));
static_assert(Is(EventType::kMessageShown, USHER_EVENT_MESSAGE_SHOWN));
static_assert(Is(EventType::kMessageAnswered, USHER_EVENT_MESSAGE_ANSWERED));
static_assert(Is(EventType::kMessageExpired, USHER_EVENT_MESSAGE_EXPIRED));
static_assert(Is(EventType::kMessageFailed, USHER_EVENT_MESSAGE_FAILED));
static_assert(Is(EventType::kLogGap, USHER_EVENT_LOG_GAP));
static_assert(Is(EventType::kLogDamaged, USHER_EVENT_LOG_DAMAGED));
static_assert(Is(EventType::kSuppressed, USHER_EVENT_SUPPRESSED));
static_assert(Is(EventType::kControlRequest, USHER_EVENT_CONTROL_REQUEST));
static_assert(Is(EventType::kRunStarted, USHER_EVENT_RUN_STARTED));
static_assert(Is(EventType::kRunEnded, USHER_EVENT_RUN_ENDED));
static_assert(Is(EventType::kRunFailed, USHER_EVENT_RUN_FAILED));
static_assert(Is(EventType::kActionDone, USHER_EVENT_ACTION_DONE));
static_assert(Is(EventType::kActionFailed, USHER_EVENT_ACTION_FAILED));

static_assert(Is(Origin::kOs, USHER_ORIGIN_OS));
static_assert(Is(Origin::kReconciled, USHER_ORIGIN_RECONCILED));
static_assert(Is(Origin::kInjected, USHER_ORIGIN_INJECTED));
static_assert(Is(Origin::kBroker, USHER_ORIGIN_BROKER));
static_assert(Is(Origin::kPlugin, USHER_ORIGIN_PLUGIN));
static_assert(Is(Origin::kRecorded, USHER_ORIGIN_RECORDED));

static_assert(Is(SessionState::kOpening, USHER_SESSION_OPENING));
static_assert(Is(SessionState::kOnline, USHER_SESSION_ONLINE));
static_assert(Is(SessionState::kActive, USHER_SESSION_ACTIVE));
static_assert(Is(SessionState::kClosing, USHER_SESSION_CLOSING));

static_assert(Is(Locked::kNo, USHER_LOCKED_NO));
static_assert(Is(Locked::kYes, USHER_LOCKED_YES));
static_assert(Is(Locked::kUnknown, USHER_LOCKED_UNKNOWN));

TEST(TheSdk, HasANumberForEveryType) {
  EXPECT_EQ(static_cast<int32_t>(EventType::kCount), USHER_EVENT_ACTION_FAILED + 1)
      << "A type was added: append its number to usher/event.h and its line to this file.";
}

}  // namespace
}  // namespace broker
