/* Is not ready before there is a session. */
#include <unistd.h>
#include <usher/ext/sessions.h>

#include "skeleton.h"

static const usher_host* the_host = 0;

static void Count(void* context, const usher_snapshot* snapshot) {
  *(uint32_t*)context = snapshot->session_count;
}

static usher_status Init(const usher_plugin* plugin, usher_error* error) {
  const usher_ext_sessions* sessions = the_host->get_extension(the_host, USHER_EXT_SESSIONS);
  uint32_t count = 0;
  (void)plugin;
  (void)error;
  while (sessions->visit(the_host, Count, &count) == USHER_OK && count == 0) usleep(1000);
  return USHER_OK;
}

static const usher_plugin kPlugin = {sizeof(usher_plugin), 0, Init, 0, 0, DoNothing, DoNothing, 0};

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)error;
  the_host = host;
  return &kPlugin;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
