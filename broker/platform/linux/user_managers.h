#pragma once

#include <sys/types.h>
#include <systemd/sd-bus.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event/mutex.h"
#include "event/status.h"
#include "platform/linux/logind_bus.h"
#include "platform/linux/session_environment.h"

namespace broker {

/// What a user's service manager has answered, or has not within its time.
struct UserVariables {
  bool known = false;  ///< It is over: `variables` will not change any more.
  Status status;       ///< Why there are none.
  Environment variables;
};

/// Asks users' own service managers for the environment of their programs, at the sockets that
/// these have in the users' runtime directories. Whatever is at such a socket is the user's: it may
/// be silent, or talk without end: each answer is waited for a moment, what comes is bounded by the
/// message and by the second, and nothing is replied to. They do not tell of changes of it: so each
/// question is asked, at best over a connection that is there already.
///
/// Not thread-safe; nothing waits. Source: org.freedesktop.systemd1(5), property Environment.
class UserManagers {
 public:
  /// `folder` holds the runtime directories, by user id.
  explicit UserManagers(std::string folder);
  ~UserManagers();
  UserManagers(const UserManagers&) = delete;
  UserManagers& operator=(const UserManagers&) = delete;

  /// Asks, or joins who is just asking. The answer is filled in by Process().
  std::shared_ptr<const UserVariables> Ask(uid_t user);
  /// Somebody is about to ask: the answer to this counts for a moment. So does one that is still
  /// awaited.
  void AskAhead(uid_t user);
  /// As long as somebody has what is given, the connection to the user's manager stays open: who
  /// asks need not wait for one. Each question is asked anew, so that no answer is older than it.
  /// Null where 128 users have one; nothing rests on it.
  [[nodiscard]] std::shared_ptr<const void> Keep(uid_t user);

  [[nodiscard]] std::vector<PollWish> Wishes() const;
  void Process();

 private:
  class Manager;

  [[nodiscard]] Manager& Of(uid_t user);

  const std::string folder_;
  std::map<uid_t, std::unique_ptr<Manager>> managers_;
};

}  // namespace broker
