#include "plugin_host/host_services/extensions.h"

#include <array>

namespace broker {
namespace {

constexpr std::array<std::string_view, 4> kIds{USHER_EXT_CONFIG, USHER_EXT_LOG, USHER_EXT_SESSIONS,
                                               USHER_EXT_STORAGE};

}  // namespace

std::span<const std::string_view> ExtensionIds() {
  return kIds;
}

const void* FindExtension(std::string_view id) {
  if (id == USHER_EXT_CONFIG) return &ConfigExtension();
  if (id == USHER_EXT_LOG) return &LogExtension();
  if (id == USHER_EXT_SESSIONS) return &SessionsExtension();
  if (id == USHER_EXT_STORAGE) return &StorageExtension();
  return nullptr;
}

}  // namespace broker
