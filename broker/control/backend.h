#pragma once

#include <string>

#include "control/agents.h"
#include "control/emission.h"
#include "control/endpoint.h"
#include "control/results.h"
#include "event/status.h"

namespace broker {

/// What the control channel asks of the broker. Thread-safe; calls return within milliseconds,
/// those that steer within seconds, since a connection's thread waits for each and Stop() waits for
/// the thread.
class ControlBackend {
 public:
  virtual ~ControlBackend() = default;
  virtual StatusResult GetStatus() = 0;
  virtual SessionsResult GetSessions() = 0;
  virtual PluginsResult GetPlugins() = 0;
  virtual AgentsResult GetAgents() = 0;

  /// Whoever asks has the right to. kNotFound and kInvalid are the asker's mistake, the rest is the
  /// broker's trouble.
  virtual Status EnablePlugin(const std::string& instance, const Peer& by) = 0;
  virtual Status DisablePlugin(const std::string& instance, const Peer& by) = 0;
  virtual Status ReloadPlugin(const std::string& instance, const Peer& by) = 0;
  virtual Status ReleasePlugin(const std::string& instance, const Peer& by) = 0;

  /// Asks whoever supervises the agent to do so: `method` is "agents.start" or its kin. What comes
  /// of it stands in GetAgents. kNotFound: nobody supervises such an agent there.
  virtual Result<AgentRequestResult> SteerAgents(const std::string& method,
                                                 const AgentRequest& request, const Peer& by) = 0;

  /// Takes the configuration anew. Fails only where it has not come to that; what is wrong with the
  /// configuration is in the result.
  virtual Result<ReloadResult> Reload(const Peer& by) = 0;

  /// Has plugins told of an event that did not happen. kPermission: the configuration does not
  /// allow it.
  virtual Status Emit(const Emission& emission, const Peer& by) = 0;

  /// Somebody asked for what only root may: `method`, of `instance`, which may be none.
  virtual void NoteRefused(const std::string& method, const std::string& instance,
                           const Peer& by) = 0;

  /// The calls into an instance behind `after`; 0 begins with those from now on. Waits a moment for
  /// the first. kNotFound: there is no such instance.
  virtual Result<TraceResult> TracePlugin(const std::string& instance, uint64_t after) = 0;
};

}  // namespace broker
