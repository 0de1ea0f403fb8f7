/* Makes no instance, and does not say why. */
#include "skeleton.h"

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)host;
  (void)error;
  return 0;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
