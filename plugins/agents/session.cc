#include "session.h"

namespace agents {

using usher::SessionState;

Session::Session(const usher::Session& from)
    : id(from.id()),
      key(from.key()),
      user(from.user()),
      user_id(from.user_id()),
      session_class(from.session_class()),
      type(from.type()),
      seat(from.seat()),
      tty(from.tty()),
      display(from.display()),
      remote_host(from.remote_host()),
      state(from.state()),
      locked(from.locked()),
      active(from.active()),
      remote(from.remote()) {}

bool Session::IsUsers() const {
  return session_class == "user" || session_class.starts_with("user-");
}

bool Session::IsLoggedOn() const {
  return IsUsers() && (state == SessionState::kOnline || state == SessionState::kActive);
}

bool Session::IsLogonScreen() const {
  if (session_class == "greeter") return state != SessionState::kClosing;
  return IsUsers() && state == SessionState::kOpening && user_id.empty() && !remote;
}

}  // namespace agents
