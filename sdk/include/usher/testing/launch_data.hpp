// usher/testing/launch_data.hpp: agents that were to be launched, and what becomes of them.
#ifndef USHER_TESTING_LAUNCH_DATA_HPP
#define USHER_TESTING_LAUNCH_DATA_HPP

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "usher/event.h"
#include "usher/ext/launch.h"

namespace usher {
namespace testing {

/// An agent that was to be launched, as usher_launch_request describes it. A value.
struct StartedLaunch {
  usher_launch launch = 0;
  std::string agent;
  std::string session_id;
  usher_launch_token token = USHER_TOKEN_USER;
  usher_launch_desktop desktop = USHER_DESKTOP_DEFAULT;
  usher_launch_scope scope = USHER_SCOPE_SESSION;
  std::string program;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> variables;
  std::string directory;
  usher_launch_limits limits{};
  uint32_t ready_when = 0;
  bool keep = false;
  int64_t ready_timeout_us = 0;
  int64_t stop_time_us = 0;
  uint64_t cause = 0;     ///< 0 = no event was at hand.
  bool started = false;   ///< The plugin was told so.
  bool stopping = false;  ///< The plugin has asked for its end.
};

/// What a test lets become of it, as usher_launch_news describes it. A value.
struct LaunchOutcome {
  usher_launch_change change = USHER_LAUNCH_STARTED;
  int32_t code = 0;
  bool adopted = false;
  int64_t pid = 4711;
  int64_t duration_us = 1000;
  std::string stage;
  std::string call;
  std::string meaning;
  std::string advice;
  usher_launch_remedy remedy = USHER_REMEDY_RETRY;
  usher_event_type until = USHER_EVENT_UNKNOWN;
};

/// How the plugin has said that an agent is, as usher_agent_status describes it. A value.
struct DescribedAgent {
  std::string agent;
  std::string session_id;
  usher_agent_state state = USHER_AGENT_WAITING;
  std::string last_exit;
  std::string reason;
  int64_t pid = 0;
  int64_t next_try_us = 0;
  uint64_t restarts = 0;
};

}  // namespace testing
}  // namespace usher

#endif
