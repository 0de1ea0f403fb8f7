/*
 * A plugin as somebody built it with the headers in frozen/0.2, which use everything that there
 * was: it must go on to work with every later broker.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <usher/event_names.h>
#include <usher/ext/config.h>
#include <usher/ext/log.h>
#include <usher/ext/sessions.h>
#include <usher/ext/storage.h>
#include <usher/plugin.h>

#if USHER_ABI_VERSION != 2
#error "build this with the frozen headers"
#endif

typedef struct instance {
  usher_plugin plugin;
  const usher_host* host;
  const usher_ext_log* log;
  const usher_ext_config* config;
  const usher_ext_sessions* sessions;
  const usher_ext_storage* storage;
} instance;

static void Say(const instance* self, const char* text) {
  self->log->log(self->host, USHER_LOG_INFO, text);
}

static usher_status Init(const usher_plugin* plugin, usher_error* error) {
  instance* self = plugin->plugin_data;
  const usher_host* host = self->host;
  const char* types[] = {USHER_NAME_SESSION_LOCKED};
  const char* word = "nothing";
  self->log = host->get_extension(host, USHER_EXT_LOG);
  self->config = host->get_extension(host, USHER_EXT_CONFIG);
  self->sessions = host->get_extension(host, USHER_EXT_SESSIONS);
  self->storage = host->get_extension(host, USHER_EXT_STORAGE);
  if (self->log == NULL || self->config == NULL || self->sessions == NULL ||
      self->storage == NULL) {
    snprintf(error->text, sizeof error->text, "an extension of 0.2 is missing");
    return USHER_ERROR;
  }
  self->config->get_string(host, "word", &word);
  Say(self, word);
  return host->subscribe(host, types, 1);
}

static void Count(void* context, const usher_snapshot* snapshot) {
  *(uint32_t*)context = snapshot->session_count;
}

static usher_status OnSnapshot(const usher_plugin* plugin, const usher_snapshot* snapshot,
                               usher_error* error) {
  const instance* self = plugin->plugin_data;
  uint32_t count = 0;
  char text[64];
  (void)error;
  self->sessions->visit(self->host, Count, &count);
  snprintf(text, sizeof text, "%u sessions, %u now", (unsigned)snapshot->session_count,
           (unsigned)count);
  Say(self, text);
  return USHER_OK;
}

static usher_status OnEvent(const usher_plugin* plugin, const usher_event* event,
                            usher_error* error) {
  const instance* self = plugin->plugin_data;
  char text[64] = "";
  size_t length = sizeof text - 1;
  if (self->storage->put(self->host, "last", event->type_name, strlen(event->type_name), error) !=
          USHER_OK ||
      self->storage->get(self->host, "last", text, &length, error) != USHER_OK) {
    return USHER_IO;
  }
  Say(self, text);
  self->host->complete(self->host, event->seq, USHER_OK, NULL);
  return USHER_PENDING;
}

static void Stop(const usher_plugin* plugin) {
  Say(plugin->plugin_data, "stop");
}

static void Destroy(const usher_plugin* plugin) {
  free(plugin->plugin_data);
}

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  instance* self = calloc(1, sizeof *self);
  (void)error;
  if (self == NULL) return NULL;
  self->host = host;
  self->plugin = (usher_plugin){.size = sizeof(usher_plugin),
                                .plugin_data = self,
                                .init = Init,
                                .on_snapshot = OnSnapshot,
                                .on_event = OnEvent,
                                .stop = Stop,
                                .destroy = Destroy};
  return &self->plugin;
}

static const char* const kTypes[] = {USHER_NAME_SESSION_LOCKED, USHER_NAME_SESSION_UNLOCKED};
static const char* const kRequired[] = {USHER_EXT_LOG, USHER_EXT_CONFIG, USHER_EXT_STORAGE};
static const usher_plugin_descriptor kDescriptor = {.size = sizeof(usher_plugin_descriptor),
                                                    .id = "org.example.old",
                                                    .name = "Built with 0.2",
                                                    .version = "1.0.0",
                                                    .event_types = kTypes,
                                                    .event_type_count = 2,
                                                    .required_extensions = kRequired,
                                                    .required_extension_count = 3,
                                                    .flags = USHER_PLUGIN_WANTS_OWN_EVENTS};
const usher_plugin_entry_t usher_plugin_entry = {.size = sizeof(usher_plugin_entry_t),
                                                 .abi_version = USHER_ABI_VERSION,
                                                 .descriptor = &kDescriptor,
                                                 .create = Create};
