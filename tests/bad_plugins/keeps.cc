// Looks at the event before, whose memory is not there any more.
#include <cstdint>

#include <usher/plugin.h>

#include "skeleton.h"

namespace {

struct Keeps {
  usher_plugin plugin;
  const usher_event* last;
  uint64_t sum;
};

usher_status OnEvent(const usher_plugin* plugin, const usher_event* event, usher_error*) {
  auto* const self = static_cast<Keeps*>(plugin->plugin_data);
  if (self->last != nullptr) self->sum += self->last->seq;
  self->last = event;
  return USHER_OK;
}

void Destroy(const usher_plugin* plugin) {
  delete static_cast<Keeps*>(plugin->plugin_data);
}

const usher_plugin* Create(const usher_host*, usher_error*) {
  auto* const self = new Keeps{
      {sizeof(usher_plugin), nullptr, Succeed, nullptr, OnEvent, DoNothing, Destroy, nullptr},
      nullptr,
      0};
  self->plugin.plugin_data = self;
  return &self->plugin;
}

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
