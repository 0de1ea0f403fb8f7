// Leaves a function behind that is called when the thread ends, in code that may be unloaded.
#include <pthread.h>
#include <usher/plugin.h>

#include "skeleton.h"

namespace {

void AtEnd(void*) {}

usher_status Init(const usher_plugin*, usher_error*) {
  static pthread_key_t key;
  pthread_key_create(&key, AtEnd);
  pthread_setspecific(key, &key);
  return USHER_OK;
}

constexpr usher_plugin kPlugin = {
    sizeof(usher_plugin), nullptr, Init, nullptr, nullptr, DoNothing, DoNothing, nullptr};

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {
    sizeof(usher_plugin_entry_t), USHER_ABI_VERSION, &kGoodDescriptor,
    [](const usher_host*, usher_error*) { return &kPlugin; }};
