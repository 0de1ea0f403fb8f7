#pragma once

#include <map>
#include <string>

#include "event/status.h"
#include "platform/simulated/desktop.h"
#include "platform/simulated/scenario.h"

namespace broker {

/// Does to a desktop what a scenario says, step by step.
///
/// Not thread-safe.
class ScenarioPlayer {
 public:
  /// `desktop` must outlive this.
  explicit ScenarioPlayer(SimulatedDesktop& desktop) : desktop_(desktop) {}

  /// Lets the desktop's time pass until the step's, and does it. A step that is impossible changes
  /// nothing; the message names the session as the scenario does.
  Status Play(const ScenarioStep& step);

 private:
  Status LogOn(const ScenarioStep& step);
  Status ToSession(const ScenarioStep& step);
  Status ToMachine(const ScenarioStep& step);

  SimulatedDesktop& desktop_;
  std::map<std::string, std::string> ids_;  ///< The desktop's id for each name.
};

}  // namespace broker
