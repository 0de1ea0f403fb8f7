#pragma once

#include <cstdint>
#include <string>

#include "event/session.h"
#include "event/status.h"

namespace broker {

/// Where systemd-logind, and elogind, write down what they know of each session.
inline constexpr const char* kLoginRecords = "/run/systemd/sessions";

/// What is known of a session there beside what is in a Session.
struct LoginRecord {
  std::string scope;   ///< The unit that holds its processes; may be empty.
  int64_t leader = 0;  ///< The process that opened it; 0 if not known.
};

/// The record of `session` in `folder`; an empty one where there is no such folder, so nobody who
/// could be asked. kNotFound: the session has ended, is ending, or its id is another's by now.
/// Source: libsystemd reads the same files (sd-login.c); there is no call for the leader and the
/// scope before systemd 254, and the bus answers too late for whoever must not wait.
Result<LoginRecord> ReadLoginRecord(const std::string& folder, const Session& session);

}  // namespace broker
