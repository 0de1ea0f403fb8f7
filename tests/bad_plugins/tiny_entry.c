/* Says that its entry ends behind its first member. */
#include "skeleton.h"

const usher_plugin_entry_t usher_plugin_entry = {sizeof(uint32_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, CreateIdle};
