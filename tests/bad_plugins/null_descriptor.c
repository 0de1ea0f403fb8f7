/* Has no descriptor. */
#include "skeleton.h"

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION, 0,
                                                 CreateIdle};
