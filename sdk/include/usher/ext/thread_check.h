/* usher/ext/thread_check.h: whose thread this is. C11, C++11 and later. */
#ifndef USHER_EXT_THREAD_CHECK_H
#define USHER_EXT_THREAD_CHECK_H

#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_THREAD_CHECK "usher.thread-check/1"

/* Granted unless the configuration denies it. For assertions: what is called from the wrong thread
 * is found where it happens.
 */
typedef struct usher_ext_thread_check {
  uint32_t size;

  /* 1 if the calling thread is the instance's own, on which [plugin-thread] functions are called;
   * else 0. */
  int32_t (*is_plugin_thread)(const usher_host* host); /* [any-thread] */
} usher_ext_thread_check;

#ifdef __cplusplus
}
#endif

#endif
