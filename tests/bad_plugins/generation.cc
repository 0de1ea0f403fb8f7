// Built twice from this one file, as a library is before and after a change: GENERATION is 1 or 2.
// The static of an inline function is what makes the dynamic loader mix builds up, where it is
// exported (STB_GNU_UNIQUE).
#include <string>

#include <usher/ext/log.h>

#include "skeleton.h"

inline const std::string& Static() {
  static const std::string text = "static " + std::to_string(GENERATION);
  return text;
}

namespace {

usher_status Init(const usher_plugin* plugin, usher_error*) {
  const auto* const host = static_cast<const usher_host*>(plugin->plugin_data);
  const std::string text = "code " + std::to_string(GENERATION) + ", " + Static();
  const void* log = host->get_extension(host, USHER_EXT_LOG);
  if (log == nullptr) return USHER_OK;
  static_cast<const usher_ext_log*>(log)->log(host, USHER_LOG_INFO, text.c_str());
  return USHER_OK;
}

void Destroy(const usher_plugin* plugin) {
  delete plugin;
}

const usher_plugin* Create(const usher_host* host, usher_error*) {
  return new usher_plugin{sizeof(usher_plugin),
                          const_cast<usher_host*>(host),
                          Init,
                          nullptr,
                          nullptr,
                          DoNothing,
                          Destroy,
                          nullptr};
}

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
