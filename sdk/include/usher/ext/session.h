/* usher/ext/session.h: what can be done to sessions. C11, C++11 and later. */
#ifndef USHER_EXT_SESSION_H
#define USHER_EXT_SESSION_H

#include "usher/event.h"
#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_SESSION "usher.session/1"

/* What is to be done to a session. */
typedef int32_t usher_session_action;
#define USHER_SESSION_LOCK 0       /* Its screen is locked: asked of who shows the screen. */
#define USHER_SESSION_LOG_OFF 1    /* It is ended, with all its processes. */
#define USHER_SESSION_DISCONNECT 2 /* Its terminal is detached; it lives on. Not on Linux. */
#define USHER_SESSION_SWITCH_TO 3  /* It comes to the front of its seat. */

/*
 * Acts upon sessions. Only there where the configuration grants it:
 * `grant = ["usher.session/1"]`.
 *
 * Rationale: what comes of it is told by the system as by itself, a `session.locked` or a
 * `session.logoff`; whether it could be asked for at all is in `action.done` and `action.failed`,
 * which have the same cause as the request. So there is nothing to wait for.
 */
typedef struct usher_ext_session {
  uint32_t size;

  /*
   * Asks for an action upon a session that there is; returns before it is done. `cause` as in
   * usher_ext_emit::emit. With a simulated or replayed desktop nothing is done, and that is told as
   * done.
   *
   * USHER_INVALID_ARGUMENT: no such action, or called before init() has returned. USHER_NOT_FOUND:
   * there is no such session, or no such cause.
   */
  usher_status (*request)(const usher_host* host, usher_session_action action,
                          const char* session_id, uint64_t cause,
                          usher_error* error); /* [plugin-thread & active] */
} usher_ext_session;

#ifdef __cplusplus
}
#endif

#endif
