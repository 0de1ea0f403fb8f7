/* Requires an extension that no broker has. */
#include "skeleton.h"

static const char* const kRequired[] = {"usher.log/1", "usher.time-travel/1"};

static const usher_plugin_descriptor kDescriptor = {sizeof(usher_plugin_descriptor),
                                                    "org.example.test",
                                                    "A test plugin",
                                                    "1.0.0",
                                                    0,
                                                    0,
                                                    kRequired,
                                                    2,
                                                    0,
                                                    0,
                                                    0,
                                                    0,
                                                    0};

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kDescriptor, CreateIdle};
