/* usher/ext/timer.h: calls at a later time. C11, C++11 and later. */
#ifndef USHER_EXT_TIMER_H
#define USHER_EXT_TIMER_H

#include "usher/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_EXT_TIMER "usher.timer/1"

#define USHER_TIMER_MAX_TIMERS 64u
#define USHER_TIMER_MAX_DELAY_US INT64_C(31622400000000) /* 366 days */
#define USHER_TIMER_MIN_PERIOD_US INT64_C(1000)          /* 1 ms */

/* One timer of an instance: never 0, never used again. */
typedef uint64_t usher_timer;

/*
 * What a timer calls, on the instance's thread, between two of its other calls. An error counts as
 * a strike, as one of on_event does; the timer goes on.
 */
typedef usher_status (*usher_timer_callback)(void* context, usher_timer timer,
                                             usher_error* error); /* [plugin-thread & active] */

/*
 * Granted unless the configuration denies it. Time is the monotonic time of the broker's clock, the
 * one that stamps events: it stands still while the machine sleeps, and under a simulated or
 * replayed desktop it is that desktop's. What is due before an event happened is called before that
 * event is delivered.
 *
 * Rationale: the calls come on the instance's thread, so that a plugin with timers needs neither
 * threads nor locks. They are not exact: a call that takes long makes what follows late.
 */
typedef struct usher_ext_timer {
  uint32_t size;

  /*
   * Lets `callback` be called after `delay_us` (0 and more), and then every `period_us`; with a
   * period of 0 once only. Calls of a periodic timer that were missed are left out, not made up
   * for. None is called before the snapshot was handed over, and none once stop() is called; all
   * are then forgotten. `context` is the plugin's. `*timer` is set on success.
   *
   * USHER_INVALID_ARGUMENT: no callback, or a time out of range; USHER_LIMIT: there are
   * USHER_TIMER_MAX_TIMERS already.
   */
  usher_status (*start)(const usher_host* host, int64_t delay_us, int64_t period_us,
                        usher_timer_callback callback, void* context, usher_timer* timer,
                        usher_error* error); /* [plugin-thread] */

  /*
   * Forgets a timer; a callback may do so with its own. USHER_NOT_FOUND: there is none, as it was
   * cancelled or, with a period of 0, has been called.
   */
  usher_status (*cancel)(const usher_host* host, usher_timer timer); /* [plugin-thread] */

  /* The time now: UTC, and the monotonic one that timers go by, in microseconds. NULL: not asked.
   */
  usher_status (*now)(const usher_host* host, int64_t* realtime_us,
                      int64_t* monotonic_us); /* [any-thread] */
} usher_ext_timer;

#ifdef __cplusplus
}
#endif

#endif
