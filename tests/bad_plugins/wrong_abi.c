/* Says that it was built for a later version of the interface. */
#include "skeleton.h"

const usher_plugin_entry_t usher_plugin_entry = {
    sizeof(usher_plugin_entry_t), USHER_ABI_VERSION + (1u << 16), &kGoodDescriptor, CreateIdle};
