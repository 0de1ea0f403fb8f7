#include "settings/settings.h"

namespace broker {

std::string DefaultPluginDirectory() {
  return USHER_PLUGIN_DIRECTORY;
}

}  // namespace broker
