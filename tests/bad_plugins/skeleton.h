/* What the plugins of this folder have in common, so that each shows only what is bad about it. */
#ifndef SKELETON_H
#define SKELETON_H

#include <usher/plugin.h>

#ifndef TEST_PLUGIN_FLAGS
#define TEST_PLUGIN_FLAGS 0
#endif
#ifndef TEST_PLUGIN_CHECK_CONFIG
#define TEST_PLUGIN_CHECK_CONFIG 0
#endif

static const usher_plugin_descriptor kGoodDescriptor = {sizeof(usher_plugin_descriptor),
                                                        "org.example.test",
                                                        "A test plugin",
                                                        "1.0.0",
                                                        0,
                                                        0,
                                                        0,
                                                        0,
                                                        TEST_PLUGIN_FLAGS,
                                                        0,
                                                        0,
                                                        0,
                                                        TEST_PLUGIN_CHECK_CONFIG};

static inline usher_status Succeed(const usher_plugin* plugin, usher_error* error) {
  (void)plugin;
  (void)error;
  return USHER_OK;
}

static inline void DoNothing(const usher_plugin* plugin) {
  (void)plugin;
}

static const usher_plugin kIdlePlugin = {
    sizeof(usher_plugin), 0, Succeed, 0, 0, DoNothing, DoNothing, 0};

static inline const usher_plugin* CreateIdle(const usher_host* host, usher_error* error) {
  (void)host;
  (void)error;
  return &kIdlePlugin;
}

#endif
