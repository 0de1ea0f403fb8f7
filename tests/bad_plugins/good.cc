// A good plugin: says in the log what it is told, so that a test can see what reached it.
#include <cstddef>
#include <cstdio>

#include <usher/ext/log.h>

#include "skeleton.h"

namespace {

struct Good {
  usher_plugin plugin;
  const usher_host* host;
};

void Say(const usher_plugin* plugin, const char* text) {
  const usher_host* host = static_cast<const Good*>(plugin->plugin_data)->host;
  const void* log = host->get_extension(host, USHER_EXT_LOG);
  if (log != nullptr) static_cast<const usher_ext_log*>(log)->log(host, USHER_LOG_INFO, text);
}

usher_status Init(const usher_plugin* plugin, usher_error*) {
  Say(plugin, "init");
  return USHER_OK;
}

usher_status OnSnapshot(const usher_plugin* plugin, const usher_snapshot* snapshot, usher_error*) {
  char text[100];
  std::snprintf(text, sizeof text, "snapshot of %u sessions, reason %d", snapshot->session_count,
                static_cast<int>(snapshot->reason));
  Say(plugin, text);
  return USHER_OK;
}

usher_status OnEvent(const usher_plugin* plugin, const usher_event* event, usher_error*) {
  char text[100];
  std::snprintf(text, sizeof text, "event %llu %s%s", static_cast<unsigned long long>(event->seq),
                event->type_name, (event->flags & USHER_FLAG_REDELIVERED) != 0 ? " again" : "");
  Say(plugin, text);
  return USHER_OK;
}

void Stop(const usher_plugin* plugin) {
  Say(plugin, "stop");
}

void Destroy(const usher_plugin* plugin) {
  Say(plugin, "destroy");
  delete static_cast<Good*>(plugin->plugin_data);
}

const usher_plugin* Create(const usher_host* host, usher_error*) {
  Good* const good = new Good{
      {sizeof(usher_plugin), nullptr, Init, OnSnapshot, OnEvent, Stop, Destroy, nullptr}, host};
  good->plugin.plugin_data = good;
  return &good->plugin;
}

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
