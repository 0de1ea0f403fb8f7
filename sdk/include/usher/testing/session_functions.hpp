// usher/testing/session_functions.hpp: usher.session/1 of a FakeHost.
#ifndef USHER_TESTING_SESSION_FUNCTIONS_HPP
#define USHER_TESTING_SESSION_FUNCTIONS_HPP

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>

#include "usher/ext/session.h"
#include "usher/testing/host_entry.hpp"

namespace usher {
namespace testing {
namespace detail {

struct SessionFunctions : HostEntry {
  /// The session of the event at hand counts also where there is none any more.
  static bool HasSession(const FakeHost& self, const std::string& id) {
    return id == self.session_at_hand_ ||
           std::any_of(self.sessions.begin(), self.sessions.end(),
                       [&id](const SessionData& session) { return session.id == id; });
  }

  static usher_status Request(const usher_host* host, usher_session_action action,
                              const char* session_id, uint64_t cause, usher_error* error) {
    FakeHost& self = Of(host);
    const usher_status entered = EnterInstance(self, "request", "session", error);
    if (entered != USHER_OK) return entered;
    if (self.phase_ == Phase::kStopping) return USHER_STOPPED;
    const bool known = action >= USHER_SESSION_LOCK && action <= USHER_SESSION_SWITCH_TO;
    if (self.phase_ == Phase::kInit || !known) {
      return Refuse(error, USHER_INVALID_ARGUMENT,
                    "sessions are locked, logged off, disconnected or switched to, once init() "
                    "has returned");
    }
    if (session_id == nullptr || *session_id == 0) {
      return Refuse(error, USHER_INVALID_ARGUMENT, "an action needs a session's id");
    }
    const std::lock_guard<std::mutex> lock(self.mutex_);
    if (cause != 0 && cause != self.at_hand_ && self.open_.count(cause) == 0) {
      return Refuse(error, USHER_NOT_FOUND, "the cause is neither at hand nor open");
    }
    if (!HasSession(self, session_id)) {
      return Refuse(error, USHER_NOT_FOUND,
                    "there is no session '" + std::string(session_id) + "'");
    }
    self.requested_.push_back({action, session_id, cause == 0 ? self.at_hand_ : cause});
    return USHER_OK;
  }

  static const usher_ext_session& SessionTable() {
    static const usher_ext_session kTable{sizeof(usher_ext_session), Request};
    return kTable;
  }
};

}  // namespace detail
}  // namespace testing
}  // namespace usher

#endif
