#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"

namespace broker {
namespace {

int32_t IsPluginThread(const usher_host* host) noexcept {
  const Host* const self = Host::From(host);
  return self != nullptr && self->IsPluginThread() ? 1 : 0;
}

constexpr usher_ext_thread_check kTable{sizeof(usher_ext_thread_check), IsPluginThread};

}  // namespace

const usher_ext_thread_check& ThreadCheckExtension() {
  return kTable;
}

}  // namespace broker
