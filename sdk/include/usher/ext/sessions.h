/* usher/ext/sessions.h: the sessions there are now. C11, C++11 and later. */
#ifndef USHER_EXT_SESSIONS_H
#define USHER_EXT_SESSIONS_H

#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_SESSIONS "usher.sessions/1"

/* Granted unless the configuration denies it. */
typedef struct usher_ext_sessions {
  uint32_t size;

  /*
   * Calls `callback` once with all sessions as of the last committed event, which the instance
   * itself may not have seen yet; on the calling thread, before it returns. The snapshot is owned
   * by the broker, valid during `callback`; its reason says nothing here.
   */
  usher_status (*visit)(const usher_host* host,
                        void (*callback)(void* context, const usher_snapshot* snapshot),
                        void* context); /* [any-thread] */
} usher_ext_sessions;

#ifdef __cplusplus
}
#endif

#endif
