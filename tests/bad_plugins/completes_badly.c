/* Answers every event with PENDING; completes it twice, and others that it never got, and says in
   the log what it is told. */
#include <stdio.h>
#include <usher/ext/log.h>

#include "skeleton.h"

static const usher_host* the_host = 0;

static void Complete(uint64_t seq, usher_status status, const char* why) {
  const usher_ext_log* log = the_host->get_extension(the_host, USHER_EXT_LOG);
  char text[100];
  snprintf(text, sizeof text, "%s: %d", why, (int)the_host->complete(the_host, seq, status, 0));
  log->log(the_host, USHER_LOG_INFO, text);
}

static usher_status OnEvent(const usher_plugin* plugin, const usher_event* event,
                            usher_error* error) {
  (void)plugin;
  (void)error;
  Complete(event->seq + 1, USHER_OK, "the next one");
  Complete(0, USHER_OK, "none");
  Complete(event->seq, USHER_PENDING, "without an end");
  Complete(event->seq, USHER_OK, "once");
  Complete(event->seq, USHER_OK, "twice");
  return USHER_PENDING;
}

static void Stop(const usher_plugin* plugin) {
  (void)plugin;
  Complete(1, USHER_OK, "long ago");
  Complete(1, USHER_ERROR, "in stop");
}

static void Destroy(const usher_plugin* plugin) {
  (void)plugin;
  Complete(1, USHER_OK, "in destroy");
}

static const usher_plugin kPlugin = {
    sizeof(usher_plugin), 0, Succeed, 0, OnEvent, Stop, Destroy, 0};

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)error;
  the_host = host;
  return &kPlugin;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
