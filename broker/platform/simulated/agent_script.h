#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action/launch.h"
#include "event/mutex.h"

namespace broker {

/// What a scenario can have agents do; what is not said of an agent is that it starts at once and
/// runs until its session ends or it is stopped.
enum class AgentTwist : int32_t {
  kFails = 0,    ///< It does not start.
  kStartsLate,   ///< It starts after `time_us`.
  kRuns,         ///< It runs for `time_us` and ends.
  kExits,        ///< Who is at work ends now.
  kIgnoresStop,  ///< Asked to end, it takes all of its stop_time.
};

/// Something that a scenario says of agents. A value.
struct AgentRule {
  AgentTwist twist = AgentTwist::kFails;
  int64_t at_us = 0;    ///< From when on, monotonic.
  std::string agent;    ///< Its name; empty: every one.
  std::string session;  ///< The session's key; empty: every one.
  std::string user;     ///< The session's user; empty: every one.

  // For how many launches, each of which counts once; or, with `lasting_us`, for all of that time.
  int64_t times = 1;
  int64_t lasting_us = 0;

  int64_t time_us = 0;  ///< kStartsLate, kRuns.
  LaunchEndKind end = LaunchEndKind::kExited;
  int32_t code = 0;                        ///< What it ends with; kFails: the system's code.
  CodeSystem system = CodeSystem::kLinux;  ///< Whose code that is.

  // kFails:
  LaunchStage stage = LaunchStage::kSpawn;
  std::string call;
};

/// What is said of agents, in the order in which it is. Thread-safe.
class AgentScript {
 public:
  /// Not earlier than the ones before.
  void Add(AgentRule rule);

  /// What there is for this launch at `now_us`; it has been one of the rule's `times` then.
  [[nodiscard]] std::optional<AgentRule> Take(AgentTwist twist, const LaunchOrder& order,
                                              int64_t now_us);

  /// The first kExits for an agent that is at work since `started_us`.
  [[nodiscard]] std::optional<AgentRule> ExitOf(const LaunchOrder& order, int64_t started_us) const;

 private:
  mutable Mutex mutex_;
  std::vector<AgentRule> rules_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
