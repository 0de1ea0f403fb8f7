// Crashes where it is denied the log.
#include <usher/ext/log.h>

#include "skeleton.h"

namespace {

struct SureOfLog {
  usher_plugin plugin;
  const usher_host* host;
};

usher_status Init(const usher_plugin* plugin, usher_error*) {
  const usher_host* const host = static_cast<const SureOfLog*>(plugin->plugin_data)->host;
  const void* const log = host->get_extension(host, USHER_EXT_LOG);
  static_cast<const usher_ext_log*>(log)->log(host, USHER_LOG_INFO, "here I am");
  return USHER_OK;
}

void Destroy(const usher_plugin* plugin) {
  delete static_cast<SureOfLog*>(plugin->plugin_data);
}

const usher_plugin* Create(const usher_host* host, usher_error*) {
  auto* const self = new SureOfLog{
      {sizeof(usher_plugin), nullptr, Init, nullptr, nullptr, DoNothing, Destroy, nullptr}, host};
  self->plugin.plugin_data = self;
  return &self->plugin;
}

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
