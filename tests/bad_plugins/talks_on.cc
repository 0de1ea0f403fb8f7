// Completes an event when it was told to stop, and has said that it did.
#include <usher/plugin.h>

#include "skeleton.h"

namespace {

struct TalksOn {
  usher_plugin plugin;
  const usher_host* host;
};

void Destroy(const usher_plugin* plugin) {
  const auto* const self = static_cast<const TalksOn*>(plugin->plugin_data);
  self->host->complete(self->host, 1, USHER_OK, nullptr);
  delete self;
}

const usher_plugin* Create(const usher_host* host, usher_error*) {
  auto* const self = new TalksOn{
      {sizeof(usher_plugin), nullptr, Succeed, nullptr, nullptr, DoNothing, Destroy, nullptr},
      host};
  self->plugin.plugin_data = self;
  return &self->plugin;
}

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
