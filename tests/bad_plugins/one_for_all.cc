// Has one instance, and hands it out again and again.
#include <usher/plugin.h>

#include "skeleton.h"

namespace {

int the_state = 0;
constexpr usher_plugin kPlugin = {
    sizeof(usher_plugin), &the_state, Succeed, nullptr, nullptr, DoNothing, DoNothing, nullptr};

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {
    sizeof(usher_plugin_entry_t), USHER_ABI_VERSION, &kGoodDescriptor,
    [](const usher_host*, usher_error*) { return &kPlugin; }};
