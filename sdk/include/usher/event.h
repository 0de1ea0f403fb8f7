/* usher/event.h: events and sessions as a plugin sees them. C11, C++11 and later. */
#ifndef USHER_EVENT_H
#define USHER_EVENT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Types of events. Rationale: int32_t and constants, never an enum, whose size a compiler may
 * choose; numbers are only ever appended. A type without a number here is USHER_EVENT_UNKNOWN: see
 * type_name.
 */
typedef int32_t usher_event_type;

#define USHER_EVENT_UNKNOWN 0

#define USHER_EVENT_SESSION_CREATED 1
#define USHER_EVENT_SESSION_LOGON 2
#define USHER_EVENT_SESSION_LOGOFF 3
#define USHER_EVENT_SESSION_DESTROYED 4
#define USHER_EVENT_SESSION_CONNECTED 5
#define USHER_EVENT_SESSION_DISCONNECTED 6
#define USHER_EVENT_SESSION_LOCKED 7
#define USHER_EVENT_SESSION_UNLOCKED 8
#define USHER_EVENT_SESSION_LOCK_REQUESTED 9
#define USHER_EVENT_SESSION_UNLOCK_REQUESTED 10
#define USHER_EVENT_SESSION_REMOTE_CONTROL 11
#define USHER_EVENT_CONSOLE_SWITCHED 12
#define USHER_EVENT_SESSION_UNKNOWN_CHANGE 13

/* The machine waits until on_event is done with suspending and shutting_down, PENDING included: for
 * the microseconds of the detail `delay_us`, less half a second; not at all without it. A shutdown
 * that does not happen after all is told by resumed. */
#define USHER_EVENT_SYSTEM_SUSPENDING 14
#define USHER_EVENT_SYSTEM_RESUMED 15
#define USHER_EVENT_SYSTEM_SHUTTING_DOWN 16

#define USHER_EVENT_SOURCE_LOST 17
#define USHER_EVENT_SOURCE_RESYNCED 18

#define USHER_EVENT_BROKER_STARTED 19
#define USHER_EVENT_BROKER_STOPPING 20
#define USHER_EVENT_CONFIG_RELOADED 21
#define USHER_EVENT_CONFIG_REJECTED 22

#define USHER_EVENT_PLUGIN_LOADED 23
#define USHER_EVENT_PLUGIN_FAILED 24
#define USHER_EVENT_PLUGIN_OVERDUE 25
#define USHER_EVENT_PLUGIN_QUARANTINED 26
#define USHER_EVENT_PLUGIN_RELEASED 27
#define USHER_EVENT_PLUGIN_LAGGING 28
#define USHER_EVENT_PLUGIN_SKIPPED 29

#define USHER_EVENT_AGENT_LAUNCHING 30
#define USHER_EVENT_AGENT_STARTED 31
#define USHER_EVENT_AGENT_EXITED 32
#define USHER_EVENT_AGENT_BACKING_OFF 33
#define USHER_EVENT_AGENT_GAVE_UP 34
#define USHER_EVENT_AGENT_STOPPED 35

#define USHER_EVENT_MESSAGE_QUEUED 36
#define USHER_EVENT_MESSAGE_SHOWN 37
#define USHER_EVENT_MESSAGE_ANSWERED 38
#define USHER_EVENT_MESSAGE_EXPIRED 39
#define USHER_EVENT_MESSAGE_FAILED 40

#define USHER_EVENT_LOG_GAP 41
#define USHER_EVENT_LOG_DAMAGED 42
#define USHER_EVENT_SUPPRESSED 43
#define USHER_EVENT_CONTROL_REQUEST 44

#define USHER_EVENT_RUN_STARTED 45
#define USHER_EVENT_RUN_ENDED 46
#define USHER_EVENT_RUN_FAILED 47
#define USHER_EVENT_ACTION_DONE 48
#define USHER_EVENT_ACTION_FAILED 49

/* Who says that it happened. */
typedef int32_t usher_origin;
#define USHER_ORIGIN_OS 0         /* The system, just now. */
#define USHER_ORIGIN_RECONCILED 1 /* Found by comparing the system's list with the table. */
#define USHER_ORIGIN_INJECTED 2   /* An administrator, by hand. */
#define USHER_ORIGIN_BROKER 3
#define USHER_ORIGIN_PLUGIN 4
#define USHER_ORIGIN_RECORDED 5 /* A replayed recording. */

/* How far a session's life has come. */
typedef int32_t usher_session_state;
#define USHER_SESSION_OPENING 0
#define USHER_SESSION_ONLINE 1
#define USHER_SESSION_ACTIVE 2  /* In the foreground; not merely logged on. */
#define USHER_SESSION_CLOSING 3 /* Logged off, processes left behind. */

/* Whether the screen is locked. Unknown is not unlocked: decide nothing on it. */
typedef int32_t usher_locked;
#define USHER_LOCKED_NO 0
#define USHER_LOCKED_YES 1
#define USHER_LOCKED_UNKNOWN 2

/*
 * One logon context as it was at one moment. Owned by the broker, valid during the call that it is
 * passed to. No string is NULL; what is not known is "".
 */
typedef struct usher_session {
  uint32_t size;
  usher_session_state state;
  usher_locked locked;
  uint8_t active; /* 0 or 1. */
  uint8_t remote; /* 0 or 1. */
  uint8_t reserved[2];
  int64_t logon_time_us;     /* UTC microseconds; 0 = not logged on yet. */
  const char* id;            /* The system's; reused, so never a key. */
  const char* key;           /* Unique for good. */
  const char* user;          /* For people; decide by user_id. */
  const char* user_id;       /* uid or SID as text. */
  const char* session_class; /* "user", "greeter", "lock-screen", "background", "manager", … */
  const char* type;          /* "tty", "x11", "wayland", "console", "rdp", … */
  const char* seat;
  const char* tty;
  const char* display;
  const char* remote_host; /* As the remote side said; never trust it. */
} usher_session;

/* A further fact of an event, e.g. "from" and "to" of a console switch. Valid as the event is. */
typedef struct usher_detail {
  const char* key;
  const char* value;
} usher_detail;

/* Flags of an event. */
#define USHER_FLAG_SYNTHETIC 1u   /* Found by reconciling; it may have happened some time ago. */
#define USHER_FLAG_REDELIVERED 2u /* May have been delivered before a crash. */
#define USHER_FLAG_UNLOGGED 4u    /* Not on the disk yet. */

/*
 * Something that happened. Owned by the broker, valid during the call that it is passed to.
 */
typedef struct usher_event {
  uint32_t size;
  usher_event_type type;
  const char* type_name; /* Dotted, e.g. "session.logon"; set for every type. */
  uint64_t seq;          /* Its number in the log. */
  uint64_t cause;        /* The seq of the event that led to it; 0 = none. */
  int64_t realtime_us;   /* UTC microseconds. */
  int64_t monotonic_us;  /* Counts within the boot named by boot_id. */
  const char* boot_id;
  usher_origin origin;
  uint32_t flags;               /* USHER_FLAG_… */
  const char* source;           /* "logind", "scm", "wts", "simulated", or "". */
  const char* reason;           /* or "" */
  const usher_session* session; /* The session after the event; NULL where none is concerned. */
  const usher_session* before;  /* The session before it; NULL where it did not exist. */
  const usher_detail* const* details;
  uint32_t detail_count;
  uint32_t reserved; /* 0. */
  const char* json;  /* The stored line: one JSON object. */
} usher_event;

/* Why a snapshot is handed over. */
typedef int32_t usher_snapshot_reason;
#define USHER_SNAPSHOT_ACTIVATED 0 /* The instance begins. */
#define USHER_SNAPSHOT_SKIPPED 1   /* Events were skipped. */

/* All sessions at one point of the log. Owned by the broker, valid during the call. */
typedef struct usher_snapshot {
  uint32_t size;
  usher_snapshot_reason reason;
  uint64_t as_of_seq;  /* The last event that it includes. */
  int64_t realtime_us; /* UTC microseconds: when it was taken, by the clock that stamps events. */
  const usher_session* const* sessions;
  uint32_t session_count;
  uint32_t reserved; /* 0. */
} usher_snapshot;

#ifdef __cplusplus
}
#endif

#endif
