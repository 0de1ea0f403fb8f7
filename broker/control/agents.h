#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "event/status.h"

namespace broker {

/// One agent of one session, as its supervisor says.
struct AgentRow {
  std::string instance;  ///< The plugin that supervises it.
  std::string agent;
  std::string session;  ///< The session's id.
  std::string state;    ///< "waiting", "launching", "running", "stopping", "backing off", "gave up"
                        ///< or "stopped".
  int64_t pid = 0;      ///< 0 = none.
  uint64_t restarts = 0;
  std::string last_exit;    ///< A sentence; empty if it has not ended yet.
  std::string reason;       ///< Why it is in this state, a sentence; may be empty.
  int64_t next_try_us = 0;  ///< UTC microseconds; 0 = none.

  friend bool operator==(const AgentRow&, const AgentRow&) = default;
};

/// The answer to `agents`.
struct AgentsResult {
  std::vector<AgentRow> agents;  ///< By instance, agent and session.
};

/// As the other results: see control/results.h.
[[nodiscard]] boost::json::value ToJson(const AgentsResult& result);
[[nodiscard]] Result<AgentsResult> ParseAgentsResult(const boost::json::value& json);

/// What is to be done to agents: the parameters of `agents.start` and its kin.
struct AgentRequest {
  std::string agent;
  std::string session;   ///< The session's id; empty: in all.
  std::string instance;  ///< Whose agent it is; empty: of all that have one of this name.
};

/// The answer to them: the instances that are asked.
struct AgentRequestResult {
  std::vector<std::string> instances;
};

[[nodiscard]] boost::json::value ToJson(const AgentRequestResult& result);
[[nodiscard]] Result<AgentRequestResult> ParseAgentRequestResult(const boost::json::value& json);

/// kInvalid: what is wrong with the parameters.
[[nodiscard]] Result<AgentRequest> ParseAgentRequest(const boost::json::value& params);

}  // namespace broker
