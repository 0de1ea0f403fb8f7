#pragma once

#include <string>

#include <usher/plugin.hpp>

namespace agents {

/// A session as agents see it, as of its last event. A value.
struct Session {
  std::string id;
  std::string key;  ///< Unique for good; begins with the boot's id.
  std::string user;
  std::string user_id;
  std::string session_class;
  std::string type;
  std::string seat;
  std::string tty;
  std::string display;
  std::string remote_host;
  usher::SessionState state = usher::SessionState::kOpening;
  usher::Locked locked = usher::Locked::kNo;
  bool active = false;
  bool remote = false;

  Session() = default;
  explicit Session(const usher::Session& from);

  /// Of a class that logs on and off.
  [[nodiscard]] bool IsUsers() const;
  [[nodiscard]] bool IsLoggedOn() const;
  /// A logon screen: a greeter's session or, on Windows, a local one that has no user yet.
  [[nodiscard]] bool IsLogonScreen() const;
  /// What its seat shows.
  [[nodiscard]] bool IsInFront() const { return active && !remote && !seat.empty(); }
};

}  // namespace agents
