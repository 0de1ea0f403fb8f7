#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/mutex.h"

namespace broker {

/// How an agent is, as its supervisor says. The numbers are the SDK's (usher/ext/launch.h).
enum class AgentState : int32_t {
  kWaiting = 0,
  kLaunching,
  kRunning,
  kStopping,
  kBackingOff,
  kGaveUp,
  kStopped,
  kGone,
};

/// "waiting", "launching", "running", "stopping", "backing off", "gave up", "stopped", "gone".
[[nodiscard]] std::string_view Name(AgentState state);

/// One agent of one session. A value.
struct AgentStatus {
  std::string instance;
  std::string agent;
  std::string session;  ///< The session's id.
  AgentState state = AgentState::kWaiting;
  std::string last_exit;    ///< How it ended last; a sentence, or empty.
  std::string reason;       ///< Why it is in this state; a sentence, or empty.
  int64_t pid = 0;          ///< 0 = none.
  int64_t next_try_us = 0;  ///< UTC microseconds; 0 = none.
  uint64_t restarts = 0;

  friend bool operator==(const AgentStatus&, const AgentStatus&) = default;
};

/// What supervisors say of their agents, for who asks. Thread-safe.
class AgentBoard {
 public:
  /// Takes what is said of an agent; whether it is in another state now. kGone removes it.
  bool Put(AgentStatus status);

  /// The instance says nothing any more.
  void Forget(const std::string& instance);

  /// All there are, by instance, agent and session.
  [[nodiscard]] std::vector<AgentStatus> List() const;

 private:
  using Key = std::pair<std::string, std::string>;  ///< The agent, the session.

  mutable Mutex mutex_;
  std::map<std::string, std::map<Key, AgentStatus>> agents_ USHER_GUARDED_BY(mutex_);
};

}  // namespace broker
