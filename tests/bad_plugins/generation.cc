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

const usher_host* last_host = nullptr;

usher_status Init(const usher_plugin*, usher_error*) {
  const std::string text = "code " + std::to_string(GENERATION) + ", " + Static();
  const void* log = last_host->get_extension(last_host, USHER_EXT_LOG);
  if (log == nullptr) return USHER_OK;
  static_cast<const usher_ext_log*>(log)->log(last_host, USHER_LOG_INFO, text.c_str());
  return USHER_OK;
}

constexpr usher_plugin kPlugin = {
    sizeof(usher_plugin), nullptr, Init, nullptr, nullptr, DoNothing, DoNothing, nullptr};

const usher_plugin* Create(const usher_host* host, usher_error*) {
  last_host = host;
  return &kPlugin;
}

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
