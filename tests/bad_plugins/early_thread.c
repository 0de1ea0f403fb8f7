/* Has a thread before it can be refused. */
#include "skeleton.h"
#include "thread_maker.h"

#ifndef ENTRY
#define ENTRY usher_plugin_entry
#endif

extern const usher_plugin_entry_t ENTRY;
const usher_plugin_entry_t ENTRY = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION + (1u << 16),
                                    &kGoodDescriptor, CreateIdle};

__attribute__((constructor)) static void AtLoad(void) {
  MakeThread();
}
