/* usher/ext/launch.h: agents, programs that run in a session. C11, C++11 and later. */
#ifndef USHER_EXT_LAUNCH_H
#define USHER_EXT_LAUNCH_H

#include <stddef.h>

#include "usher/event.h"
#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_LAUNCH "usher.launch/1"

#define USHER_LAUNCH_MAX_LAUNCHES 4096u /* of an instance, at the same time */
#define USHER_LAUNCH_MAX_ARGUMENTS 64u
#define USHER_LAUNCH_MAX_VARIABLES 64u
#define USHER_LAUNCH_LEAST_MEMORY UINT64_C(1048576) /* bytes: nothing starts with less */
#define USHER_LAUNCH_LEAST_FILES 5u                 /* nor with fewer open files */
#define USHER_LAUNCH_MAX_TEXT 16384u                /* bytes of one argument, value or path */
#define USHER_LAUNCH_MAX_WAIT_US INT64_C(600000000) /* 10 min: ready_timeout_us */
#define USHER_LAUNCH_MAX_STOP_US INT64_C(600000000) /* 10 min: stop_time_us */

/* One agent that was asked for: never 0, never used again while the broker runs. */
typedef uint64_t usher_launch;

/* Whose rights the agent has. */
typedef int32_t usher_launch_token;
#define USHER_TOKEN_USER 0 /* those of the session's user, as they have them every day. */
#define USHER_TOKEN_ELEVATED                                                                      \
  1                          /* the same user's with all rights; where there is no such thing, as \
                              * on Linux, USHER_TOKEN_USER. */
#define USHER_TOKEN_SYSTEM 2 /* the broker's own: root, LocalSystem. */

/* On which desktop of the session's window station it shows itself. On Linux there is but one. */
typedef int32_t usher_launch_desktop;
#define USHER_DESKTOP_DEFAULT 0  /* the user's. */
#define USHER_DESKTOP_WINLOGON 1 /* the logon screen's. */

/* What the agent belongs to, and ends with. */
typedef int32_t usher_launch_scope;
#define USHER_SCOPE_SESSION 0 /* one session. */
#define USHER_SCOPE_USER 1    /* all sessions of a user; the session named is one of them. */

/* What must be there before it starts; together. */
#define USHER_READY_DISPLAY 1u           /* a display to show itself on. */
#define USHER_READY_USER_BUS 2u          /* the user's message bus. */
#define USHER_READY_RUNTIME_DIRECTORY 4u /* the user's runtime directory. */
#define USHER_READY_PROFILE 8u           /* the user's home or profile. */

/* What one agent may use; 0: as much as there is. */
typedef struct usher_launch_limits {
  uint64_t memory_bytes; /* USHER_LAUNCH_LEAST_MEMORY at least */
  uint64_t tasks;        /* processes and threads */
  uint64_t open_files;   /* of each process; USHER_LAUNCH_LEAST_FILES at least */
  uint64_t cpu_percent;  /* 100: one processor */
} usher_launch_limits;

/*
 * Which agent, and how. Owned by the plugin, valid during start(), which copies what it needs. All
 * texts are UTF-8 and end with NUL.
 */
typedef struct usher_launch_request {
  uint32_t size; /* sizeof(usher_launch_request) of the plugin. */
  usher_launch_token token;

  const char* agent; /* Its name, [a-z0-9-]{1,64}: with the session it says which agent it is. */
  const char* session_id; /* A session that there is. */

  const char* program;          /* An absolute path; no shell, no search. */
  const char* const* arguments; /* Behind the program's own name. NULL if there are none. */

  /* As in usher_run_request. */
  const usher_detail* const* variables;
  uint32_t argument_count;
  uint32_t variable_count;
  const char* directory; /* Where it starts, absolute. NULL: the user's home; root's is "/". */

  usher_launch_desktop desktop;
  usher_launch_scope scope;
  usher_launch_limits limits;

  uint32_t ready_when;      /* USHER_READY_…; 0: at once. */
  uint32_t keep;            /* 1: it outlives the broker, and is found again by the next one. */
  int64_t ready_timeout_us; /* How long to wait for that, up to USHER_LAUNCH_MAX_WAIT_US. */
  int64_t stop_time_us;     /* How long it has to end once asked, up to USHER_LAUNCH_MAX_STOP_US. */

  /* As in usher_ext_emit::emit: the event that led to it. 0: the event at hand, if there is one. */
  uint64_t cause;
} usher_launch_request;

/* What became of an agent. All but the first are the last that is heard of it. */
typedef int32_t usher_launch_change;
#define USHER_LAUNCH_STARTED 0  /* pid, duration_us, adopted; again where others restart it. */
#define USHER_LAUNCH_EXITED 1   /* code: its exit code. */
#define USHER_LAUNCH_SIGNALED 2 /* code: the signal's number. */
#define USHER_LAUNCH_STOPPED 3  /* It was asked to stop, by stop() or by the end of its session. */
#define USHER_LAUNCH_LOST 4     /* It ran; what became of it cannot be known. */
#define USHER_LAUNCH_FAILED 5   /* It did not start: stage, call, code, meaning, remedy, advice. */

/* Who ends within so long, other than with the exit code 0, has hardly come up: of that, too, stage
 * ("early exit"), call ("exit", "signal"), remedy and advice tell. */
#define USHER_LAUNCH_EARLY_EXIT_US INT64_C(5000000)

/* What is to be done about an agent that did not start, or hardly. */
typedef int32_t usher_launch_remedy;
#define USHER_REMEDY_RETRY 0 /* Try again, later each time. */
#define USHER_REMEDY_DEFER 1 /* Wait for the event `until` of its session; nothing is wrong. */
#define USHER_REMEDY_FIX 2   /* It fails until somebody does what `advice` says. */
#define USHER_REMEDY_DROP 3  /* Its session is gone; nothing is wrong. */

/* What became of an agent. Owned by the broker, valid during the call. No text is NULL. */
typedef struct usher_launch_news {
  uint32_t size;
  usher_launch_change change;
  int32_t code;    /* Exit code or signal; of one that did not start the system's code, or 0. */
  int32_t adopted; /* 1: it ran already: a broker before this one has begun it, or others have. */
  int64_t pid;     /* Started: its process. */
  /* Started: how long that took, or, adopted, for how long it has run; else how long it ran. */
  int64_t duration_us;

  /* Failed: "policy", "session", "token", "environment", "spawn", "early exit"; else "". */
  const char* stage;
  const char* call;    /* Failed: the system's call that did, as "StartTransientUnit"; else "". */
  const char* meaning; /* A sentence. */
  const char* advice;  /* Failed: what to do about it, a sentence; else "". */
  usher_launch_remedy remedy;
  usher_event_type until; /* USHER_REMEDY_DEFER: the type of event; else USHER_EVENT_UNKNOWN. */
} usher_launch_news;

/*
 * Called with what becomes of an agent, on the instance's thread, between two of its other calls.
 * An error counts as a strike, as one of on_event does.
 */
typedef usher_status (*usher_launch_callback)(void* context, usher_launch launch,
                                              const usher_launch_news* news,
                                              usher_error* error); /* [plugin-thread & active] */

/* How an agent is, as its supervisor sees it. */
typedef int32_t usher_agent_state;
#define USHER_AGENT_WAITING 0 /* for what `reason` says: nothing runs, nothing is wrong. */
#define USHER_AGENT_LAUNCHING 1
#define USHER_AGENT_RUNNING 2
#define USHER_AGENT_STOPPING 3
#define USHER_AGENT_BACKING_OFF 4 /* It failed, and is tried again at next_try_us. */
#define USHER_AGENT_GAVE_UP 5     /* It failed too often; seldom tries go on, at next_try_us. */
#define USHER_AGENT_STOPPED 6     /* Somebody wants it so, or it is not to be started again. */
#define USHER_AGENT_GONE 7        /* Nothing more is said of it: its session is gone. */

/* Owned by the plugin, valid during describe(). NULL texts are empty. */
typedef struct usher_agent_status {
  uint32_t size;
  usher_agent_state state;
  const char* agent;      /* Its name, */
  const char* session_id; /* and its session; "": nobody has it. */
  const char* last_exit;  /* How it ended last, a sentence. */
  const char* reason;     /* Why it is in this state, a sentence. */
  int64_t pid;            /* 0: none. */
  int64_t next_try_us;    /* UTC microseconds; 0: none. */
  uint64_t restarts;      /* How often it was started again. */
  uint64_t cause;         /* As in usher_launch_request. */
} usher_agent_status;

/*
 * Runs agents: programs that belong to a session, or to a user, and go on until they end or their
 * session does. Only there where the configuration grants it, with what it may launch:
 *
 *     [plugins.NAME.launch]
 *     programs = ["/opt/example/agent"]
 *     tokens = ["user"]
 *     classes = ["user"]
 *
 * The program and all folders above it must belong to root or the broker's own user, and nobody
 * else may be able to write there; that is looked at anew for every start. Its environment has
 * nothing of the broker's: it is what a program of that session has, PATH, LANG, USER, LOGNAME,
 * HOME and SHELL, and what is asked for. It has no descriptor of the broker's.
 *
 * What becomes of an agent is in the log: `agent.launching`, `agent.started`, `agent.exited` (also
 * where it did not start: with the stage and the code), `agent.stopped`; all with the same cause.
 * With a simulated desktop a scenario says how agents fare.
 *
 * Rationale: what supervises agents differs from one to the next and is a plugin's; how one is put
 * into a session is the system's, takes many steps, each of which fails in its own way, and is not
 * to be done twice. There is no handle to an agent's process, as agents outlive the plugin and the
 * broker: whoever asks for one that runs is given that.
 */
typedef struct usher_ext_launch {
  uint32_t size;

  /*
   * Starts an agent and sets `*launch`; what comes of it is told by `callback`, never before
   * start() has returned. Where this agent of this session, or user, runs already, since an
   * instance of this name has started it before, that is the one: it is told as started, with
   * `adopted`, whatever else the request says. One that was started with the other scope, and was
   * not asked for with that again, is ended first. `context` is the plugin's.
   *
   * None is called once stop() is called. Agents that are kept go on then; the others end.
   *
   * USHER_INVALID_ARGUMENT: something in the request, or called before init() has returned, or this
   * instance has started that agent already, and it has not ended.
   * USHER_NOT_FOUND: there is no such session, or no such cause. USHER_NOT_PERMITTED: the
   * configuration does not allow that. USHER_LIMIT: something is too large, or there are too many.
   */
  usher_status (*start)(const usher_host* host, const usher_launch_request* request,
                        usher_launch_callback callback, void* context, usher_launch* launch,
                        usher_error* error); /* [plugin-thread & active] */

  /*
   * Ends an agent and all that it started: it is asked to, and once its stop_time_us is over made
   * to. Its callback is called with USHER_LAUNCH_STOPPED, or with what was sooner. USHER_NOT_FOUND:
   * it has ended.
   */
  usher_status (*stop)(const usher_host* host, usher_launch launch); /* [plugin-thread] */

  /*
   * The instance has no interest in it any more: its callback is not called again. It goes on if it
   * is kept, and is found by the next start() of the same agent; else it is ended.
   * USHER_NOT_FOUND: it has ended.
   */
  usher_status (*release)(const usher_host* host, usher_launch launch); /* [plugin-thread] */

  /*
   * Everything that is wanted has been asked for: what else still runs since an instance of this
   * name started it before is ended. Of those that the instance's predecessor in this broker had
   * started the log tells the end; nobody is called.
   */
  usher_status (*settle)(const usher_host* host); /* [plugin-thread & active] */

  /*
   * Calls back with each agent that this instance has started and that has not ended, as its last
   * news had it; `agent` and `session_id` are valid during the callback.
   */
  usher_status (*list)(const usher_host* host,
                       void (*callback)(void* context, usher_launch launch, const char* agent,
                                        const char* session_id, const usher_launch_news* news),
                       void* context); /* [plugin-thread] */

  /*
   * Says how an agent is, for `usherctl agents`; it stands there until something else is said, or
   * the instance ends. Turning to USHER_AGENT_BACKING_OFF and to USHER_AGENT_GAVE_UP makes an
   * event, `agent.backing_off` and `agent.gave_up`.
   *
   * USHER_INVALID_ARGUMENT: no such state, or a name that no agent can have.
   */
  usher_status (*describe)(const usher_host* host, const usher_agent_status* status,
                           usher_error* error); /* [plugin-thread & active] */
} usher_ext_launch;

#ifdef __cplusplus
}
#endif

#endif
