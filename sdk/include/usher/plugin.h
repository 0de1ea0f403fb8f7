/*
 * usher/plugin.h: the interface between the broker and a plugin. C11, C++11 and later.
 *
 * A plugin is a shared library that exports one symbol, the data `usher_plugin_entry`. Every
 * declaration ends with the thread it belongs to:
 *   [plugin-thread]  called by the broker on the instance's own thread, one call at a time, events
 *                    in the order of their seq. Host functions so tagged may be called only during
 *                    such a call.
 *   [any-thread]     may be called from any thread, between create() and the return of destroy().
 *   & init           only during that call.
 *   & active         only between a successful init() and stop().
 *
 * Strings are UTF-8 and end with NUL. Each side frees what it allocated. Nothing may be thrown
 * across this interface. Whoever fills a structure sets its `size`; whoever reads it touches no
 * byte beyond, so that members can be appended. Members named `reserved` are 0.
 *
 * Threads of a plugin's own are asked by a signal whether they are in a library that is to be
 * unloaded, this plugin's or another one's (Linux: SIGRTMAX - 1). Do not block it, and leave its
 * handler alone. A system call that cannot go on behind a signal, such as poll() or nanosleep(),
 * then fails with EINTR: call it again.
 */
#ifndef USHER_PLUGIN_H
#define USHER_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#include "usher/event.h"
#include "usher/status.h"
#include "usher/version.h"

#if defined(_WIN32)
#define USHER_EXPORT __declspec(dllexport)
#else
#define USHER_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What the broker is to one plugin instance. Owned by the broker, valid from create() to the return
 * of destroy().
 */
typedef struct usher_host {
  uint32_t size;
  uint32_t abi_version;
  void* host_data; /* The broker's; pass the usher_host itself, not this. */

  /*
   * The function table of the extension with this id, e.g. USHER_EXT_LOG, or NULL when the broker
   * has none or the configuration does not grant it. Owned by the broker, valid as long as the host
   * is.
   */
  const void* (*get_extension)(const struct usher_host* host, const char* id); /* [any-thread] */

  /*
   * Narrows what on_event gets, to these event type names (copied); a later call replaces an
   * earlier one, without any all of the descriptor's types come. USHER_INVALID_ARGUMENT: no name at
   * all, or one that the descriptor does not include.
   */
  usher_status (*subscribe)(const struct usher_host* host, const char* const* types,
                            uint32_t count); /* [plugin-thread & init] */

  /*
   * Ends an event that on_event answers, or has answered, with USHER_PENDING: it may come before
   * on_event has returned. USHER_OK acknowledges the event; a negative `status` counts as a strike,
   * and the event is skipped. `text` (copied; may be NULL) says why it failed. After any other
   * answer of on_event than USHER_PENDING nothing comes of the call.
   *
   * USHER_NOT_FOUND: no event of that number is open; it was completed before, perhaps.
   * USHER_INVALID_ARGUMENT: a positive `status`. USHER_STOPPED: the event stays open and comes
   * again with the next start; so does one that failed once stop() was called.
   */
  usher_status (*complete)(const struct usher_host* host, uint64_t seq, usher_status status,
                           const char* text); /* [any-thread & active] */

  /*
   * 1 once the call at hand has overrun its time, or the instance is to stop: return from the call,
   * and let threads of your own come to an end, soon. Else 0. A call that goes on regardless is
   * abandoned: host functions answer USHER_STOPPED from then on, and the instance is never called
   * again.
   *
   * Rationale: asked, not told. No signal is sent and no thread is cancelled, so a plugin that
   * holds locks or half-written files is never torn out of its work.
   */
  int32_t (*should_stop)(const struct usher_host* host); /* [any-thread] */
} usher_host;

/* Flags of a descriptor. */

/* Events that the instance itself caused (its plugin.failed, plugin.skipped, …) come as well. */
#define USHER_PLUGIN_WANTS_OWN_EVENTS 1u

/* What a plugin is and needs. Static data of the library, valid as long as it is loaded. */
typedef struct usher_plugin_descriptor {
  uint32_t size;
  const char* id;      /* Reverse domain, e.g. "org.example.lock-notes". */
  const char* name;    /* For people; may equal the id. */
  const char* version; /* The plugin's own, e.g. "1.0.0". */

  /* Names of the types it may want: an upper bound. The broker need not know all of them. */
  const char* const* event_types;
  uint32_t event_type_count; /* 0 = every type. */

  const char* const* required_extensions; /* Ids; the instance is refused where one is missing. */
  uint32_t required_extension_count;
  uint32_t flags; /* USHER_PLUGIN_… */

  /* Since 0.3. Ids of extensions that it uses where they are granted. */
  const char* const* optional_extensions;
  uint32_t optional_extension_count;
  uint32_t reserved; /* 0. */

  /*
   * Since 0.3; may be NULL. Says whether the configuration is good, without an instance and without
   * any effect: `host`, valid during the call, has the extensions USHER_EXT_CONFIG and
   * USHER_EXT_LOG and nothing else. It reads every key there may be: one that it did not ask for is
   * taken for misspelt. An error, or a config_error(), refuses the configuration.
   *
   * The broker calls it before it creates an instance, and `usherctl check-config` in a process of
   * its own, for a configuration that may never be used.
   */
  usher_status (*check_config)(const usher_host* host, usher_error* error); /* [plugin-thread] */
} usher_plugin_descriptor;

/*
 * One instance. Made by create(), owned by the plugin, valid until destroy() returned. The order of
 * calls: init, then on_snapshot, then on_event any number of times, stop, destroy. After an init
 * that failed only destroy follows. Any member but `destroy` and `init` may be NULL, or left out by
 * a `size` that ends before it where it stands behind `destroy`.
 */
typedef struct usher_plugin {
  uint32_t size;
  void* plugin_data; /* The plugin's. */

  /* Makes ready; reads its configuration. An error refuses the instance. */
  usher_status (*init)(const struct usher_plugin* plugin, usher_error* error); /* [plugin-thread] */

  /*
   * All sessions there are as of event `as_of_seq`. Comes once before the first event, and again
   * whenever events were skipped. Events that follow may be older than `as_of_seq` (redelivered, or
   * already on their way): who keeps state ignores those. An error is a strike.
   */
  usher_status (*on_snapshot)(const struct usher_plugin* plugin, const usher_snapshot* snapshot,
                              usher_error* error); /* [plugin-thread & active] */

  /*
   * One event.
   *   USHER_OK       acknowledges it.
   *   USHER_PENDING  complete() will end it, from any thread. Later events come meanwhile; with 16
   *                  open the next one waits. After a crash or a stop, events come again from the
   *                  lowest open one on.
   *   USHER_RETRY    the same call again, after 100 ms, then twice as long up to 5 s; later events
   *                  wait. After 60 s it counts as an error.
   *   an error       counts as a strike, and the event is skipped.
   */
  usher_status (*on_event)(const struct usher_plugin* plugin, const usher_event* event,
                           usher_error* error); /* [plugin-thread & active] */

  /* The last call but destroy; flush what must be kept. Comes after every successful init. */
  void (*stop)(const struct usher_plugin* plugin); /* [plugin-thread] */

  /* Frees the instance, threads of its own joined before. No call follows for it. */
  void (*destroy)(const struct usher_plugin* plugin); /* [plugin-thread] */

  /*
   * Optional. The call at hand has overrun its time, or the instance is to stop: make it return
   * soon, say by closing the socket that it reads from. Called on another thread, at most once a
   * call, and never for create() and destroy(). What it touches needs a lock or must be atomic; it
   * must not wait for the call. should_stop() answers 1 already.
   *
   * It may come a moment before the call is entered, or while it returns; the next call waits for
   * it. So a call must not begin with clearing what this sets, unless it asks should_stop() after
   * that.
   */
  void (*interrupt)(const struct usher_plugin* plugin); /* [any-thread] */
} usher_plugin;

/*
 * Where the broker begins.
 *
 * Rationale: data instead of a function, so that the broker knows the ABI version and the needs
 * before any code of the plugin runs (the library's own constructors excepted).
 */
typedef struct usher_plugin_entry_t {
  uint32_t size;
  uint32_t abi_version; /* USHER_ABI_VERSION of the headers it was built with. */
  const usher_plugin_descriptor* descriptor;

  /*
   * Makes an instance; may be called several times, each for an instance with a thread of its own,
   * so also at the same time. It only stores `host`, and calls nothing of it. NULL = failed, with a
   * text in `error`.
   */
  const usher_plugin* (*create)(const usher_host* host, usher_error* error); /* [plugin-thread] */
} usher_plugin_entry_t;

/* The one symbol that a plugin exports. It is the plugin that defines it. */
extern USHER_EXPORT const usher_plugin_entry_t usher_plugin_entry;

#ifdef __cplusplus
}
#endif

#endif
