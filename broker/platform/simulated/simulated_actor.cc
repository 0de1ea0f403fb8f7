#include "platform/simulated/simulated_actor.h"

namespace broker {

void SimulatedActor::Act(SessionAction /*action*/, SessionRef /*session*/, Done done) {
  done(Status());
}

}  // namespace broker
