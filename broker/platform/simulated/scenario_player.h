#pragma once

#include <string>

#include <boost/unordered/unordered_flat_map.hpp>

#include "event/status.h"
#include "platform/simulated/desktop.h"
#include "platform/simulated/scenario.h"

namespace broker {

/// Does to a desktop what a scenario says, step by step.
///
/// Not thread-safe.
class ScenarioPlayer {
 public:
  /// What is said of agents and of runs goes to the scripts; null: to nobody. All must outlive
  /// this.
  explicit ScenarioPlayer(SimulatedDesktop& desktop, AgentScript* agents = nullptr,
                          RunScript* runs = nullptr)
      : desktop_(desktop), agents_(agents), runs_(runs) {}

  /// Lets the desktop's time pass until the step's, and does it. A step that is impossible changes
  /// nothing; the message names the session as the scenario does.
  Status Play(const ScenarioStep& step);

 private:
  Status LogOn(const ScenarioStep& step);
  Status ToSession(const ScenarioStep& step);
  Status ToMachine(const ScenarioStep& step);
  Status ToScript(const ScenarioStep& step);

  SimulatedDesktop& desktop_;
  AgentScript* const agents_;
  RunScript* const runs_;
  /// The desktop's id for each name. Without nodes: what the desktop keeps is not scattered
  /// between.
  boost::unordered_flat_map<std::string, std::string> ids_;
};

}  // namespace broker
