/* Answers every event with an error whose text fills the buffer, without a NUL. */
#include <string.h>

#include "skeleton.h"

static usher_status OnEvent(const usher_plugin* plugin, const usher_event* event,
                            usher_error* error) {
  (void)plugin;
  (void)event;
  memset(error->text, 0xEE, sizeof error->text);
  return 12345;
}

static const usher_plugin kPlugin = {
    sizeof(usher_plugin), 0, Succeed, 0, OnEvent, DoNothing, DoNothing, 0};

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)host;
  (void)error;
  return &kPlugin;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
