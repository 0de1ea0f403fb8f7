#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

usher_status Start(const usher_host* host, const usher_run_request* request,
                   usher_run_callback callback, void* context, usher_run* run,
                   usher_error* error) noexcept {
  return OnPluginThread(host, [&](Host& self) {
    if (self.GetPhase() >= Host::Phase::kStopping) return USHER_STOPPED;
    if (request == nullptr || run == nullptr) return USHER_INVALID_ARGUMENT;
    std::string why;
    const usher_status status = self.StartRun(*request, {callback, context, {}}, *run, why);
    if (status != USHER_OK) WriteError(error, why);
    return status;
  });
}

usher_status Cancel(const usher_host* host, usher_run run) noexcept {
  return OnPluginThread(host, [run](Host& self) { return self.Runs().Cancel(run); });
}

constexpr usher_ext_run kTable{sizeof(usher_ext_run), Start, Cancel};

}  // namespace

const usher_ext_run& RunExtension() {
  return kTable;
}

}  // namespace broker
