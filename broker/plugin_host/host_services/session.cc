#include "plugin_host/host_services/extensions.h"
#include "plugin_host/host_services/host.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

static_assert(static_cast<int32_t>(SessionAction::kLock) == USHER_SESSION_LOCK);
static_assert(static_cast<int32_t>(SessionAction::kLogOff) == USHER_SESSION_LOG_OFF);
static_assert(static_cast<int32_t>(SessionAction::kDisconnect) == USHER_SESSION_DISCONNECT);
static_assert(static_cast<int32_t>(SessionAction::kSwitchTo) == USHER_SESSION_SWITCH_TO);

usher_status Request(const usher_host* host, usher_session_action action, const char* session_id,
                     uint64_t cause, usher_error* error) noexcept {
  return OnPluginThread(host, [&](Host& self) {
    const Host::Phase phase = self.GetPhase();
    if (phase >= Host::Phase::kStopping) return USHER_STOPPED;
    const bool known = action >= USHER_SESSION_LOCK && action <= USHER_SESSION_SWITCH_TO;
    if (phase != Host::Phase::kActive || !known) {
      WriteError(error,
                 "sessions are locked, logged off, disconnected or switched to, once init() "
                 "has returned");
      return USHER_INVALID_ARGUMENT;
    }
    std::string why;
    const usher_status status =
        self.RequestAction(static_cast<SessionAction>(action), session_id, cause, why);
    if (status != USHER_OK) WriteError(error, why);
    return status;
  });
}

constexpr usher_ext_session kTable{sizeof(usher_ext_session), Request};

}  // namespace

const usher_ext_session& SessionExtension() {
  return kTable;
}

}  // namespace broker
