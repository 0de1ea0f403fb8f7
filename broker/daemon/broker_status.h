#pragma once

#include "control/backend.h"
#include "daemon/event_pump.h"
#include "daemon/health_report.h"
#include "daemon/reload.h"
#include "plugin_host/agent_board.h"
#include "plugin_host/announce_limit.h"
#include "plugin_host/registry.h"
#include "session/committed_sessions.h"
#include "settings/settings.h"
#include "source/source.h"

namespace broker {

/// Answers the control channel from the running stages. Thread-safe, as what it asks is.
class BrokerStatus final : public ControlBackend {
 public:
  /// All of it must outlive this.
  struct Parts {
    const Settings& settings;
    const Source& source;
    EventPump& pump;
    const CommittedSessions& sessions;
    PluginRegistry& plugins;
    const AgentBoard& agents;
    Reloader& reloader;
    const EventRing& ring;
  };

  explicit BrokerStatus(Parts parts);

  StatusResult GetStatus() override;
  SessionsResult GetSessions() override;
  PluginsResult GetPlugins() override;
  AgentsResult GetAgents() override;
  Status EnablePlugin(const std::string& instance, const Peer& by) override;
  Status DisablePlugin(const std::string& instance, const Peer& by) override;
  Status ReloadPlugin(const std::string& instance, const Peer& by) override;
  Status ReleasePlugin(const std::string& instance, const Peer& by) override;
  Result<AgentRequestResult> SteerAgents(const std::string& method, const AgentRequest& request,
                                         const Peer& by) override;
  Result<ReloadResult> Reload(const Peer& by) override;
  Status Emit(const Emission& emission, const Peer& by) override;
  void NoteRefused(const std::string& method, const std::string& instance, const Peer& by) override;
  Result<TraceResult> TracePlugin(const std::string& instance, uint64_t after) override;

 private:
  [[nodiscard]] std::vector<PluginProgress> Progress() const;
  Status Announced(const std::string& method, const std::string& instance, const Peer& by,
                   Status outcome);
  void AnnounceRequest(const std::string& method, const std::string& instance, const Peer& by,
                       const Status& outcome);
  [[nodiscard]] Result<Event> Injected(const Emission& emission) const;
  [[nodiscard]] Event MakeRequest(const std::string& method, const std::string& instance,
                                  const Peer& by, const Status& outcome) const;
  [[nodiscard]] Event MakeRequest(const std::string& method, const std::string& instance,
                                  const Peer& by, const char* result) const;

  const Parts parts_;
  const int64_t started_us_;
  AnnounceLimit refused_;  ///< Anybody may ask as often as they like.
};

}  // namespace broker
