#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"

namespace broker {
namespace {

usher_status Visit(const usher_host* host, void (*callback)(void*, const usher_snapshot*),
                   void* context) noexcept {
  return OnInstance(host, [&](Host& self) {
    return callback == nullptr ? USHER_INVALID_ARGUMENT : self.ShowSessions(callback, context);
  });
}

constexpr usher_ext_sessions kTable{sizeof(usher_ext_sessions), Visit};

}  // namespace

const usher_ext_sessions& SessionsExtension() {
  return kTable;
}

}  // namespace broker
