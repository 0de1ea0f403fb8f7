#pragma once

#include "action/session_actor.h"

namespace broker {

/// The actor of a desktop that is not real: does nothing, and says that it is done.
class SimulatedActor final : public SessionActor {
 public:
  void Act(SessionAction action, SessionRef session, Done done) override;
};

}  // namespace broker
