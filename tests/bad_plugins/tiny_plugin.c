/* Makes an instance that says it has room for nothing but its size. */
#include "skeleton.h"

static const usher_plugin kTiny = {sizeof(uint32_t), 0, 0, 0, 0, 0, 0, 0};

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)host;
  (void)error;
  return &kTiny;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
