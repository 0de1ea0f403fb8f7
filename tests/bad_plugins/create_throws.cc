// Lets an exception out of create().
#include <stdexcept>

#include "skeleton.h"

namespace {

const usher_plugin* Create(const usher_host*, usher_error*) {
  throw std::runtime_error("nothing can be created today");
}

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
