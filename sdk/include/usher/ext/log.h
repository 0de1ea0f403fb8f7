/* usher/ext/log.h: sentences for the administrator. C11, C++11 and later. */
#ifndef USHER_EXT_LOG_H
#define USHER_EXT_LOG_H

#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_LOG "usher.log/1"

typedef int32_t usher_log_severity;
#define USHER_LOG_DEBUG 0
#define USHER_LOG_INFO 1
#define USHER_LOG_WARNING 2
#define USHER_LOG_ERROR 3

/* Granted unless the configuration denies it. The text goes to the broker's diagnostics, named by
 * the instance, not to the event log. */
typedef struct usher_ext_log {
  uint32_t size;
  /* `text` is copied; one that is too long is cut. Never fails. */
  void (*log)(const usher_host* host, usher_log_severity severity,
              const char* text); /* [any-thread] */
} usher_ext_log;

#ifdef __cplusplus
}
#endif

#endif
