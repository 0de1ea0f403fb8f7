#pragma once

#include <string>

#include "session.h"
#include "settings.h"

namespace agents {

/// What a session's state says about an agent in it.
enum class Verdict : int32_t {
  kNever,  ///< It is no session that could have the agent, or its time is over.
  kNo,     ///< Not now.
  kYes,
  kAsBefore,  ///< Nothing that starts it, and nothing that stops it.
};

/// With why it is not kYes, a sentence. A value.
struct Judgement {
  Verdict verdict = Verdict::kNever;
  std::string why;
};

/// Whether an agent is to run in a session that it was selected for. `seat_is_taken`: the session's
/// seat shows another one, of a user who is logged on. A pure function of how things are, not of
/// what happened: so it is the same after a restart, and whatever order events come in.
[[nodiscard]] Judgement Judge(const Agent& agent, const Session& session, bool seat_is_taken);

}  // namespace agents
