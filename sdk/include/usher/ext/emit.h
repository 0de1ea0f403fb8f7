/* usher/ext/emit.h: events of the plugin's own. C11, C++11 and later. */
#ifndef USHER_EXT_EMIT_H
#define USHER_EXT_EMIT_H

#include "usher/event.h"
#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_EMIT "usher.emit/1"

#define USHER_EMIT_MAX_TYPE 128u /* bytes */
#define USHER_EMIT_MAX_DETAILS 32u
#define USHER_EMIT_MAX_KEY 64u        /* bytes; [a-z0-9_.-] */
#define USHER_EMIT_MAX_VALUE 4096u    /* bytes */
#define USHER_EMIT_MAX_PER_MINUTE 60u /* of each type */

/*
 * Granted unless the configuration denies it. What is emitted is numbered, logged and
 * delivered as every other event, with the origin USHER_ORIGIN_PLUGIN. It changes no session.
 *
 * Rationale: a plugin speaks in its own name only, so that nobody takes its word for the system's.
 */
typedef struct usher_ext_emit {
  uint32_t size;

  /*
   * Makes an event of the type `type`, which is the plugin's own id, a dot, and a name:
   * "org.example.lock-notes.printed". `details` (copied) are further facts; the broker puts
   * "instance" and "id" before them, so these keys are not free.
   *
   * `cause` is the seq of the event that led to it: the one that on_event is called with, or one
   * that was answered with USHER_PENDING and is not completed yet. 0 is, on the plugin's thread,
   * the event at hand: the one that on_event is called with, or that started the timer that calls;
   * on others none.
   *
   * USHER_INVALID_ARGUMENT: not such a type, no valid detail, or called before init() has returned.
   * USHER_NOT_FOUND: the cause is no such event.
   * USHER_LIMIT: too many or too large details; too many events of this type in this minute; or a
   * chain of causes that is too long, as where two plugins answer each other. What a limit held
   * back is counted, and told by one `suppressed` event.
   */
  usher_status (*emit)(const usher_host* host, const char* type, const usher_detail* const* details,
                       uint32_t detail_count, uint64_t cause,
                       usher_error* error); /* [any-thread & active] */
} usher_ext_emit;

#ifdef __cplusplus
}
#endif

#endif
