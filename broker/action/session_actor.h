#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "event/diagnostics.h"
#include "event/session.h"
#include "event/status.h"

namespace broker {

/// What can be done to a session. The numbers are the SDK's (usher/ext/session.h).
enum class SessionAction : int32_t { kLock = 0, kLogOff, kDisconnect, kSwitchTo };

/// "lock", "log off", "disconnect", "switch to", as in the events.
[[nodiscard]] std::string_view Name(SessionAction action);

/// Does things to sessions. Thread-safe; nothing waits for the system.
class SessionActor {
 public:
  /// What is told once an action was asked of the system: a failure with a sentence. Called on any
  /// thread, once, but not where the actor ends before; must not wait.
  using Done = std::function<void(Status)>;

  virtual ~SessionActor() = default;

  /// `session` is never null; one that is gone, or whose id is another's by now, is kNotFound.
  virtual void Act(SessionAction action, SessionRef session, Done done) = 0;
};

/// Makes the actor of this system, or, where nothing is real, one that only pretends. Implemented
/// once per system in platform/*/session_actor_factory.cc. `diagnostics` must outlive it.
std::unique_ptr<SessionActor> CreateSessionActor(bool simulated, Diagnostics& diagnostics);

}  // namespace broker
