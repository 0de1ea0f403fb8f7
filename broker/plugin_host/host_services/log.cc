#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"

namespace broker {
namespace {

void Log(const usher_host* host, usher_log_severity severity, const char* text) noexcept {
  if (Host* const self = Host::From(host)) self->Say(severity, text);
}

constexpr usher_ext_log kTable{sizeof(usher_ext_log), Log};

}  // namespace

const usher_ext_log& LogExtension() {
  return kTable;
}

}  // namespace broker
