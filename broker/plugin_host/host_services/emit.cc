#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

usher_status Emit(const usher_host* host, const char* type, const usher_detail* const* details,
                  uint32_t count, uint64_t cause, usher_error* error) noexcept {
  return OnInstance(host, [&](Host& self) {
    std::string why;
    const usher_status status = self.Emit(type, details, count, cause, why);
    if (status != USHER_OK) WriteError(error, why);
    return status;
  });
}

constexpr usher_ext_emit kTable{sizeof(usher_ext_emit), Emit};

}  // namespace

const usher_ext_emit& EmitExtension() {
  return kTable;
}

}  // namespace broker
