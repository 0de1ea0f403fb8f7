#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/simulated/scripted_launcher.h"
#include "platform/simulated/session_source.h"
#include "tests/unit/platform/simulated/reports.h"

namespace broker::testing {

inline constexpr int64_t kSecond = 1'000'000;

inline std::string Seconds(std::chrono::microseconds time) {
  return std::to_string(static_cast<double>(time.count()) / 1e6).substr(0, 5) + " s";
}

/// What is told of agents, a line each: "1 started after 0.000 s".
class Told final : public LaunchListener {
 public:
  void Started(LaunchId launch, LaunchStart start) noexcept override {
    lines.push_back(std::to_string(launch) + (start.adopted ? " adopted" : " started") + " after " +
                    Seconds(start.duration));
    pid = start.pid;
  }
  void Ended(LaunchId launch, LaunchEnd end) noexcept override {
    const bool has_code =
        end.kind == LaunchEndKind::kExited || end.kind == LaunchEndKind::kSignaled;
    lines.push_back(std::to_string(launch) + " " + std::string(Name(end.kind)) +
                    (has_code ? " " + std::to_string(end.code) : "") + " after " +
                    Seconds(end.duration));
    last = std::move(end);
  }
  std::vector<std::string> Take() { return std::exchange(lines, {}); }

  std::vector<std::string> lines;
  int64_t pid = 0;
  LaunchEnd last;
};

struct AScriptedLauncher : ::testing::Test {
  AScriptedLauncher() { alice = LogOn("alice"); }

  SessionRef LogOn(const std::string& user) {
    LogonRequest request;
    request.user = user;
    const Result<std::string> id = desktop->Logon(request);
    for (const Session& session : desktop->Snapshot("").sessions) {
      if (session.Id() == id.value()) return std::make_shared<const Session>(session);
    }
    return nullptr;
  }

  LaunchOrder Order(const std::string& agent = "tray") const {
    LaunchOrder order;
    order.instance = "agents";
    order.agent = agent;
    order.session = alice;
    order.program = "/opt/tray";
    return order;
  }

  LaunchId Start(const LaunchOrder& order) { return launcher->Start(order, told); }

  AgentRule Rule(AgentTwist twist, int64_t in_us = 0) const {
    AgentRule rule;
    rule.twist = twist;
    rule.at_us = Now() + in_us;
    return rule;
  }

  /// The desktop's time passes, and the instance's with it, up to now.
  void Pass(int64_t time_us) {
    desktop->GetClock().Advance(time_us);
    while (launcher->Advance("agents", Now())) {
    }
  }

  [[nodiscard]] int64_t Now() const { return desktop->GetClock().Now().monotonic_us; }

  const std::shared_ptr<SimulatedDesktop> desktop =
      std::make_shared<SimulatedDesktop>(kNoon, std::string(32, '1'));
  const std::shared_ptr<AgentScript> script = std::make_shared<AgentScript>();
  const std::shared_ptr<Told> told = std::make_shared<Told>();
  std::unique_ptr<ScriptedLauncher> launcher = std::make_unique<ScriptedLauncher>(
      desktop->GetClock(), ScriptedLauncher::World{script, desktop});
  SessionRef alice;
};

}  // namespace broker::testing
