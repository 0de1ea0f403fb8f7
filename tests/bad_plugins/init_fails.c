/* Refuses to be made ready. */
#include <string.h>

#include "skeleton.h"

static usher_status Init(const usher_plugin* plugin, usher_error* error) {
  (void)plugin;
  strcpy(error->text, "there is no licence on this machine");
  return USHER_ERROR;
}

static const usher_plugin kPlugin = {sizeof(usher_plugin), 0, Init, 0, 0, DoNothing, DoNothing, 0};

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)host;
  (void)error;
  return &kPlugin;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
