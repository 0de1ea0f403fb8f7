#include "plugin_host/host_services/extensions.h"

#include <array>

namespace broker {
namespace {

constexpr std::array<std::string_view, 10> kIds{
    USHER_EXT_CONFIG,       USHER_EXT_EMIT,    USHER_EXT_LAUNCH,   USHER_EXT_LOG,
    USHER_EXT_RUN,          USHER_EXT_SESSION, USHER_EXT_SESSIONS, USHER_EXT_STORAGE,
    USHER_EXT_THREAD_CHECK, USHER_EXT_TIMER};

}  // namespace

std::span<const std::string_view> ExtensionIds() {
  return kIds;
}

bool IsPure(std::string_view id) {
  return id == USHER_EXT_CONFIG || id == USHER_EXT_LOG;
}

bool NeedsGrant(std::string_view id) {
  return id == USHER_EXT_RUN || id == USHER_EXT_LAUNCH || id == USHER_EXT_SESSION;
}

const void* FindExtension(std::string_view id) {
  if (id == USHER_EXT_CONFIG) return &ConfigExtension();
  if (id == USHER_EXT_EMIT) return &EmitExtension();
  if (id == USHER_EXT_LAUNCH) return &LaunchExtension();
  if (id == USHER_EXT_LOG) return &LogExtension();
  if (id == USHER_EXT_RUN) return &RunExtension();
  if (id == USHER_EXT_SESSION) return &SessionExtension();
  if (id == USHER_EXT_SESSIONS) return &SessionsExtension();
  if (id == USHER_EXT_STORAGE) return &StorageExtension();
  if (id == USHER_EXT_THREAD_CHECK) return &ThreadCheckExtension();
  if (id == USHER_EXT_TIMER) return &TimerExtension();
  return nullptr;
}

}  // namespace broker
