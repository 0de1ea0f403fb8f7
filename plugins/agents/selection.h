#pragma once

#include "accounts.h"
#include "session.h"
#include "settings.h"

namespace agents {

/// Whether an agent is of a session.
enum class Match : int32_t { kNo, kYes, kUnknown };

/// kUnknown: that depends on the user's name or groups, and `account` is null.
[[nodiscard]] Match Matches(const Selection& selection, const Session& session,
                            const plugins::Account* account);

}  // namespace agents
