/* Describes itself with bytes that are no text and never end. */
#include "skeleton.h"

static const struct {
  unsigned char bytes[4096];
} kJunk = {{0xC3, 0x28, 0xFF, 1, 2, 3, [6 ... 4095] = 0xFE}};

static const usher_plugin_descriptor kDescriptor = {sizeof(usher_plugin_descriptor),
                                                    (const char*)kJunk.bytes,
                                                    (const char*)kJunk.bytes,
                                                    "1",
                                                    0,
                                                    0,
                                                    0,
                                                    0,
                                                    0,
                                                    0,
                                                    0,
                                                    0,
                                                    0};

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kDescriptor, CreateIdle};
