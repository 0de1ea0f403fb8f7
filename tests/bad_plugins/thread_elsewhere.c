/* Leaves a thread running in a library that came with it. */
#include "skeleton.h"
#include "thread_maker.h"

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  MakeThread();
  return CreateIdle(host, error);
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
