/* usher/event_names.h: the names of event types, for descriptors and subscribe(). C and C++. */
#ifndef USHER_EVENT_NAMES_H
#define USHER_EVENT_NAMES_H

#define USHER_NAME_SESSION_CREATED "session.created"
#define USHER_NAME_SESSION_LOGON "session.logon"
#define USHER_NAME_SESSION_LOGOFF "session.logoff"
#define USHER_NAME_SESSION_DESTROYED "session.destroyed"
#define USHER_NAME_SESSION_CONNECTED "session.connected"
#define USHER_NAME_SESSION_DISCONNECTED "session.disconnected"
#define USHER_NAME_SESSION_LOCKED "session.locked"
#define USHER_NAME_SESSION_UNLOCKED "session.unlocked"
#define USHER_NAME_SESSION_LOCK_REQUESTED "session.lock_requested"
#define USHER_NAME_SESSION_UNLOCK_REQUESTED "session.unlock_requested"
#define USHER_NAME_SESSION_REMOTE_CONTROL "session.remote_control"
#define USHER_NAME_CONSOLE_SWITCHED "console.switched"
#define USHER_NAME_SESSION_UNKNOWN_CHANGE "session.unknown_change"

#define USHER_NAME_SYSTEM_SUSPENDING "system.suspending"
#define USHER_NAME_SYSTEM_RESUMED "system.resumed"
#define USHER_NAME_SYSTEM_SHUTTING_DOWN "system.shutting_down"

#define USHER_NAME_SOURCE_LOST "source.lost"
#define USHER_NAME_SOURCE_RESYNCED "source.resynced"

#define USHER_NAME_BROKER_STARTED "broker.started"
#define USHER_NAME_BROKER_STOPPING "broker.stopping"
#define USHER_NAME_CONFIG_RELOADED "config.reloaded"
#define USHER_NAME_CONFIG_REJECTED "config.rejected"

#define USHER_NAME_PLUGIN_LOADED "plugin.loaded"
#define USHER_NAME_PLUGIN_FAILED "plugin.failed"
#define USHER_NAME_PLUGIN_OVERDUE "plugin.overdue"
#define USHER_NAME_PLUGIN_QUARANTINED "plugin.quarantined"
#define USHER_NAME_PLUGIN_RELEASED "plugin.released"
#define USHER_NAME_PLUGIN_LAGGING "plugin.lagging"
#define USHER_NAME_PLUGIN_SKIPPED "plugin.skipped"

#define USHER_NAME_AGENT_LAUNCHING "agent.launching"
#define USHER_NAME_AGENT_STARTED "agent.started"
#define USHER_NAME_AGENT_EXITED "agent.exited"
#define USHER_NAME_AGENT_BACKING_OFF "agent.backing_off"
#define USHER_NAME_AGENT_GAVE_UP "agent.gave_up"
#define USHER_NAME_AGENT_STOPPED "agent.stopped"

#define USHER_NAME_MESSAGE_QUEUED "message.queued"
#define USHER_NAME_MESSAGE_SHOWN "message.shown"
#define USHER_NAME_MESSAGE_ANSWERED "message.answered"
#define USHER_NAME_MESSAGE_EXPIRED "message.expired"
#define USHER_NAME_MESSAGE_FAILED "message.failed"

#define USHER_NAME_LOG_GAP "log.gap"
#define USHER_NAME_LOG_DAMAGED "log.damaged"
#define USHER_NAME_SUPPRESSED "suppressed"
#define USHER_NAME_CONTROL_REQUEST "control.request"

#define USHER_NAME_RUN_STARTED "run.started"
#define USHER_NAME_RUN_ENDED "run.ended"
#define USHER_NAME_RUN_FAILED "run.failed"
#define USHER_NAME_ACTION_DONE "action.done"
#define USHER_NAME_ACTION_FAILED "action.failed"

#endif
