/*
 * A plugin as somebody will build it with headers that are newer than the broker: every structure
 * of its own is larger, and it knows types of events and extensions that there are not yet.
 */
#include <stdio.h>

#include <usher/event_names.h>
#include <usher/ext/log.h>
#include <usher/plugin.h>

#define A_FUNCTION_NOBODY_MAY_CALL ((void (*)(void))0x1)

typedef struct newer_plugin {
  usher_plugin known;
  void (*on_tomorrow)(void);
  void (*on_the_day_after)(void);
} newer_plugin;

typedef struct newer_descriptor {
  usher_plugin_descriptor known;
  uint64_t colour;
  const char* motto;
} newer_descriptor;

typedef struct newer_entry {
  usher_plugin_entry_t known;
  void (*create_better)(void);
} newer_entry;

static const usher_host* the_host;

static void Say(const char* text) {
  const usher_ext_log* log = the_host->get_extension(the_host, USHER_EXT_LOG);
  log->log(the_host, USHER_LOG_INFO, text);
}

static usher_status Init(const usher_plugin* plugin, usher_error* error) {
  (void)plugin;
  (void)error;
  /* What a newer plugin does before it uses what was appended. */
  Say(the_host->size > sizeof(usher_host) ? "a newer broker" : "an older broker");
  Say(the_host->get_extension(the_host, "usher.tomorrow/1") == NULL ? "no tomorrow" : "tomorrow");
  return USHER_OK;
}

static usher_status OnEvent(const usher_plugin* plugin, const usher_event* event,
                            usher_error* error) {
  (void)plugin;
  (void)error;
  Say(event->type_name);
  return USHER_OK;
}

static void Destroy(const usher_plugin* plugin) {
  (void)plugin;
}

static const newer_plugin kPlugin = {
    .known = {.size = sizeof(newer_plugin), .init = Init, .on_event = OnEvent, .destroy = Destroy},
    .on_tomorrow = A_FUNCTION_NOBODY_MAY_CALL,
    .on_the_day_after = A_FUNCTION_NOBODY_MAY_CALL};

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)error;
  the_host = host;
  return &kPlugin.known;
}

static const char* const kTypes[] = {USHER_NAME_SESSION_LOCKED, "session.dreaming"};
static const char* const kOptional[] = {USHER_EXT_LOG, "usher.tomorrow/1"};
static const newer_descriptor kDescriptor = {.known = {.size = sizeof(newer_descriptor),
                                                       .id = "org.example.newer",
                                                       .name = "Built with what is to come",
                                                       .version = "1.0.0",
                                                       .event_types = kTypes,
                                                       .event_type_count = 2,
                                                       .optional_extensions = kOptional,
                                                       .optional_extension_count = 2},
                                             .colour = 7,
                                             .motto = (const char*)0x1};

/* The symbol is data; a broker finds it by its name, and so it may be larger. */
USHER_EXPORT const newer_entry newer_plugin_entry __asm__("usher_plugin_entry") = {
    .known = {.size = sizeof(newer_entry),
              .abi_version = USHER_ABI_VERSION + 1,
              .descriptor = &kDescriptor.known,
              .create = Create},
    .create_better = A_FUNCTION_NOBODY_MAY_CALL};
