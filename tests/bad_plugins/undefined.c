/* Needs a function that is nowhere. */
#include "skeleton.h"

const usher_plugin* NobodyDefinesThis(const usher_host* host, usher_error* error);

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, NobodyDefinesThis};
