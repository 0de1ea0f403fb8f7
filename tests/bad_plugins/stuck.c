/* Never returns from its first event. */
#include <unistd.h>
#include <usher/ext/log.h>

#include "skeleton.h"

static const usher_host* the_host = 0;

static usher_status OnEvent(const usher_plugin* plugin, const usher_event* event,
                            usher_error* error) {
  const usher_ext_log* log = the_host->get_extension(the_host, USHER_EXT_LOG);
  (void)plugin;
  (void)event;
  (void)error;
  log->log(the_host, USHER_LOG_INFO, "stuck now");
  for (;;) pause();
  return USHER_OK;
}

static const usher_plugin kPlugin = {
    sizeof(usher_plugin), 0, Succeed, 0, OnEvent, DoNothing, DoNothing, 0};

static const usher_plugin* Create(const usher_host* host, usher_error* error) {
  (void)error;
  the_host = host;
  return &kPlugin;
}

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
