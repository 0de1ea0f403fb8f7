// usher/cpp/session_control.hpp: what can be done to sessions.
#ifndef USHER_CPP_SESSION_CONTROL_HPP
#define USHER_CPP_SESSION_CONTROL_HPP

#include <cstdint>
#include <string>

#include "usher/cpp/error.hpp"
#include "usher/ext/session.h"

namespace usher {

/// What is to be done to a session.
enum class SessionAction : int32_t {
  kLock = USHER_SESSION_LOCK,
  kLogOff = USHER_SESSION_LOG_OFF,
  kDisconnect = USHER_SESSION_DISCONNECT,
  kSwitchTo = USHER_SESSION_SWITCH_TO,
};

/// Acts upon sessions; usher/ext/session.h says what comes of it.
///
/// [plugin-thread]
class SessionControl {
 public:
  using Table = usher_ext_session;
  static constexpr const char* kId = USHER_EXT_SESSION;

  SessionControl(const usher_host* host, const usher_ext_session& table) noexcept
      : host_(host), table_(&table) {}

  /// Asks for an action; `cause` 0: the event at hand. Throws Error when the broker refuses.
  void Request(SessionAction action, const std::string& session_id, uint64_t cause = 0) const {
    usher_error error = detail::EmptyError();
    detail::Check(table_->request(host_, static_cast<usher_session_action>(action),
                                  session_id.c_str(), cause, &error),
                  "acting upon session \"" + session_id + "\"", error.text);
  }

 private:
  const usher_host* host_;
  const usher_ext_session* table_;
};

}  // namespace usher

#endif
