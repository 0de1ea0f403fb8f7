/* usher/ext/run.h: programs that run once. C11, C++11 and later. */
#ifndef USHER_EXT_RUN_H
#define USHER_EXT_RUN_H

#include <stddef.h>

#include "usher/event.h"
#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_RUN "usher.run/1"

#define USHER_RUN_MAX_RUNS 32u /* of an instance, at the same time */
#define USHER_RUN_MAX_ARGUMENTS 64u
#define USHER_RUN_MAX_VARIABLES 64u
#define USHER_RUN_MAX_TEXT 16384u                  /* bytes of one argument, value or path */
#define USHER_RUN_MAX_INPUT 65536u                 /* bytes */
#define USHER_RUN_MAX_OUTPUT 65536u                /* bytes */
#define USHER_RUN_MIN_TIME_US INT64_C(100000)      /* 100 ms */
#define USHER_RUN_MAX_TIME_US INT64_C(86400000000) /* a day */

/* One run of a program: never 0, never used again while the broker runs. */
typedef uint64_t usher_run;

/* Whose rights the program has. */
typedef int32_t usher_run_user;
#define USHER_RUN_AS_ROOT 0 /* root's; those of the broker's own user where it is not root. */
#define USHER_RUN_AS_SESSION_USER 1 /* those of the user whose session is named. */

/* How a run ended. */
typedef int32_t usher_run_end;
#define USHER_RUN_EXITED 0      /* code: its exit code. */
#define USHER_RUN_SIGNALED 1    /* code: the signal's number. */
#define USHER_RUN_TIMED_OUT 2   /* It was ended, with all its children, at its time limit. */
#define USHER_RUN_NOT_STARTED 3 /* stage, call, code and meaning say why. */
#define USHER_RUN_LOST 4        /* It ran, but how it ended cannot be known. */

/*
 * What to run. Owned by the plugin, valid during start(), which copies what it needs. All texts are
 * UTF-8 and end with NUL.
 */
typedef struct usher_run_request {
  uint32_t size; /* sizeof(usher_run_request) of the plugin. */
  usher_run_user run_as;

  const char* program;          /* An absolute path; no shell, no search. */
  const char* const* arguments; /* Behind the program's own name. NULL if there are none. */

  /* Variables: names are of A-Z, a-z, 0-9 and '_'. Those that the broker sets itself (below) and
   * those of the system's loader (LD_...) are refused. NULL if there are none. */
  const usher_detail* const* variables;
  uint32_t argument_count;
  uint32_t variable_count;

  const void* input; /* What it reads from its standard input, which then ends. NULL: nothing. */
  size_t input_size;

  /* The session: its user is run_as's, its id becomes XDG_SESSION_ID. One that there is, or the one
   * of the event that is the cause, which may be gone by now. NULL: none. */
  const char* session_id;

  const char* directory; /* Where it starts, absolute. NULL: the user's home, for root "/". */
  int64_t time_limit_us; /* USHER_RUN_MIN_TIME_US to USHER_RUN_MAX_TIME_US. */
  size_t output_limit;   /* How much of its output is kept: up to USHER_RUN_MAX_OUTPUT. */

  /* As in usher_ext_emit::emit: the event that led to it. 0: the event at hand, if there is one. */
  uint64_t cause;
} usher_run_request;

/* How a run ended. Owned by the broker, valid during the call. No text is NULL. */
typedef struct usher_run_result {
  uint32_t size;
  usher_run_end end;
  int32_t code; /* See usher_run_end; of one not started the system's code, or 0. */
  uint32_t reserved;
  const char* stage;   /* Not started: "policy", "session", "prepare" or "start"; else "". */
  const char* call;    /* Not started: the call that failed, as "StartTransientUnit"; else "". */
  const char* meaning; /* How it ended, as a sentence for people. */

  /* The begin of what it wrote to its standard output and standard error, as it came: any bytes,
   * with a NUL behind them. */
  const char* output;
  size_t output_size;
  uint64_t output_dropped; /* So many bytes more were not kept. */
  int64_t duration_us;     /* From its start to its end; 0 if it did not start. */
} usher_run_result;

/*
 * Called once a run has ended, on the instance's thread, between two of its other calls. An error
 * counts as a strike, as one of on_event does.
 */
typedef usher_status (*usher_run_callback)(void* context, usher_run run,
                                           const usher_run_result* result,
                                           usher_error* error); /* [plugin-thread & active] */

/*
 * Runs programs. Only there where the configuration grants it: `grant = ["usher.run/1"]`.
 *
 * The program and all folders above it must belong to root or the broker's own user, and nobody
 * else may be able to write there; that is looked at anew for every run. Its environment has
 * nothing of the broker's: PATH, LANG, USER, LOGNAME, HOME and SHELL, for a session also
 * XDG_SESSION_ID and XDG_RUNTIME_DIR, and what is asked for (a service manager adds a few of its
 * own, such as INVOCATION_ID). It has no descriptor of the broker's but its input and output. What
 * it leaves running when it ends is ended, too. Who it is decided by user id, never by name.
 *
 * Each start is an event, `run.started`, and so is each end, `run.ended` or, where it could not be
 * started, `run.failed`; both have the same cause. With a simulated or replayed desktop nothing is
 * run: every run exits at once with 0 and without output.
 *
 * Rationale: a plugin that forks would do so in a process with many threads, with the broker's
 * rights, descriptors and environment. The callback comes on the instance's thread, so that neither
 * threads nor locks are needed.
 */
typedef struct usher_ext_run {
  uint32_t size;

  /*
   * Begins a run and sets `*run`; what comes of it is told by `callback`, once, also where it could
   * not be started, and never before start() has returned. `context` is the plugin's.
   *
   * None is called once stop() is called: what still runs then is cancelled.
   *
   * USHER_INVALID_ARGUMENT: something in the request, or called before init() has returned.
   * USHER_NOT_FOUND: there is no such session, or no such cause. USHER_LIMIT: something is too
   * large, or there are USHER_RUN_MAX_RUNS runs already.
   */
  usher_status (*start)(const usher_host* host, const usher_run_request* request,
                        usher_run_callback callback, void* context, usher_run* run,
                        usher_error* error); /* [plugin-thread & active] */

  /*
   * Ends a run and all that it started: it is asked to, and two seconds later made to. Its callback
   * is not called. USHER_NOT_FOUND: there is no such run, or its callback was called already.
   */
  usher_status (*cancel)(const usher_host* host, usher_run run); /* [plugin-thread] */
} usher_ext_run;

#ifdef __cplusplus
}
#endif

#endif
