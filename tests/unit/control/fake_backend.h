#pragma once

#include <stdexcept>
#include <string>

#include "control/backend.h"

namespace broker::testing {

/// A session with something in every field.
inline Session SomeSession(const std::string& id) {
  SessionFacts session;
  session.id = id;
  session.key = "0123456789abcdef0123456789abcdef-" + id + "-60123456";
  session.user = "alice";
  session.user_id = "1000";
  session.session_class = "user";
  session.type = "wayland";
  session.seat = "seat0";
  session.tty = "tty2";
  session.display = ":0";
  session.remote_host = "192.0.2.7";
  session.created_us = 60'123'456;
  session.logon_time_us = 1'777'881'612'123'456;
  session.state = SessionState::kActive;
  session.locked = Locked::kUnknown;
  session.active = true;
  session.remote = true;
  return session;
}

/// A broker with two sessions, whose plugins cannot be asked for.
class FakeBackend : public ControlBackend {
 public:
  StatusResult GetStatus() override {
    StatusResult result;
    result.version = "1.2.3";
    result.pid = 812;
    result.source = "simulated";
    result.source_state = "connected";
    result.last_seq = 4711;
    return result;
  }

  SessionsResult GetSessions() override { return {4711, {SomeSession("1"), SomeSession("2")}}; }

  AgentsResult GetAgents() override {
    AgentRow row;
    row.agent = "tray";
    row.state = "running";
    return {{row}};
  }
  Result<AgentRequestResult> SteerAgents(const std::string& method, const AgentRequest& request,
                                         const Peer& /*by*/) override {
    if (request.agent != "tray") return Status(StatusCode::kNotFound, "there is no such agent");
    steered = method + " " + request.agent + " " + request.session + " " + request.instance;
    return AgentRequestResult{{"agents", "office"}};
  }
  PluginsResult GetPlugins() override { throw std::runtime_error("the registry is on fire"); }

  /// Only "bad" can be released; `released` says by whom it was.
  Status ReleasePlugin(const std::string& instance, const Peer& by) override {
    if (instance == "gone") return {StatusCode::kNotFound, "there is no instance 'gone'"};
    if (instance == "untrusted") return {StatusCode::kPermission, "others can write it"};
    if (instance != "bad") return {StatusCode::kIo, "the disk is on fire"};
    released = by.user_id;
    return {};
  }
  std::string released;

  Status EnablePlugin(const std::string& instance, const Peer& /*by*/) override {
    steered = "enable " + instance;
    return {};
  }
  Status DisablePlugin(const std::string& instance, const Peer& /*by*/) override {
    steered = "disable " + instance;
    return {};
  }
  Status ReloadPlugin(const std::string& instance, const Peer& /*by*/) override {
    steered = "reload " + instance;
    return {};
  }
  std::string steered;

  Result<ReloadResult> Reload(const Peer& by) override {
    reloaded = by.user_id;
    return ReloadResult{{"usher.toml:1:1: it is on fire"}, {}, {}, {}, {}, {}};
  }
  std::string reloaded;

  Status Emit(const Emission& emission, const Peer& /*by*/) override {
    if (emission.session == "9") return {StatusCode::kPermission, "not allowed"};
    emitted = emission;
    return {};
  }
  Emission emitted;

  void NoteRefused(const std::string& method, const std::string& instance,
                   const Peer& by) override {
    refused = method + " " + instance + " " + by.user_id;
  }
  std::string refused;

  /// "bad" has made one call, and four that were lost.
  Result<TraceResult> TracePlugin(const std::string& instance, uint64_t after) override {
    if (instance != "bad") return Status(StatusCode::kNotFound, "there is no such instance");
    TraceRow row{1'777'881'612'123'456, "on_event", 17, 250, "ok"};
    return TraceResult{{row}, after + 5, 4};
  }
};

}  // namespace broker::testing
