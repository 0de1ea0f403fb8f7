/* Does HOW in the call number WHERE: create, init, on_snapshot, on_event, stop, destroy,
   check_config, and, before any of them, when the library is loaded, or at last unloaded. */
#include "ends.h"

#if WHERE == 6
#define TEST_PLUGIN_CHECK_CONFIG CheckConfig
#include <usher/plugin.h>
static usher_status CheckConfig(const usher_host* host, usher_error* error) {
  (void)host;
  (void)error;
  HOW();
  return USHER_OK;
}
#elif WHERE == 7
__attribute__((constructor)) static void Load(void) {
  HOW();
}
#elif WHERE == 8
__attribute__((destructor)) static void Unload(void) {
  HOW();
}
#endif

#include "skeleton.h"

static void Reach(int call) {
  if (call == WHERE) HOW();
}

static usher_status Init(const usher_plugin* plugin, usher_error* error) {
  (void)plugin;
  (void)error;
  Reach(1);
  return USHER_OK;
}

static usher_status OnSnapshot(const usher_plugin* plugin, const usher_snapshot* snapshot,
                               usher_error* error) {
  (void)plugin;
  (void)snapshot;
  (void)error;
  Reach(2);
  return USHER_OK;
}

static usher_status OnEvent(const usher_plugin* plugin, const usher_event* event,
                            usher_error* error) {
  (void)plugin;
  (void)event;
  (void)error;
  Reach(3);
  return USHER_OK;
}

static void Stop(const usher_plugin* plugin) {
  (void)plugin;
  Reach(4);
}

static void Destroy(const usher_plugin* plugin) {
  (void)plugin;
  Reach(5);
}

static const usher_plugin kPlugin = {
    sizeof(usher_plugin), 0, Init, OnSnapshot, OnEvent, Stop, Destroy, 0};

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)host;
  (void)error;
  Reach(0);
  return &kPlugin;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
