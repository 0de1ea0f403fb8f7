#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "action/launcher.h"
#include "event/clock.h"
#include "event/mutex.h"
#include "platform/simulated/agent_script.h"
#include "platform/simulated/desktop.h"

namespace broker {

/// Pretends to run agents: they fare as a scenario says, all by the desktop's clock and without a
/// process. An agent ends with its session, as a unit does that is bound to the session's scope.
///
/// Each instance has a time of its own, which only Advance moves: the desktop's may be hours ahead
/// of the events that a plugin is at.
class ScriptedLauncher final : public Launcher {
 public:
  /// What agents do of themselves, and where: without a desktop sessions do not end, without a
  /// script nothing is said of agents.
  struct World {
    std::shared_ptr<AgentScript> script;
    std::shared_ptr<SimulatedDesktop> desktop;
  };

  /// `clock` must outlive it.
  explicit ScriptedLauncher(const Clock& clock, World world = {});

  LaunchId Start(LaunchOrder order, std::shared_ptr<LaunchListener> listener) override;
  void Stop(LaunchId launch) noexcept override;
  void Release(LaunchId launch) noexcept override;
  void ReleaseAll(const std::string& instance) noexcept override;
  void Settle(const std::string& instance) noexcept override;
  std::optional<int64_t> Advance(const std::string& instance, int64_t until_us) override;

  /// An agent is ended so long after its session: nobody hears of it before the session's end.
  static constexpr int64_t kStopDelayUs = 2000;

 private:
  struct Agent {
    LaunchOrder order;
    std::shared_ptr<LaunchListener> listener;  ///< Null: nobody is interested.
    int64_t pid = 0;
    int64_t asked_us = 0;
    int64_t start_us = 0;  ///< When it starts, or fails to.
    bool started = false;
    std::optional<AgentRule> failure;
    std::optional<AgentRule> run;
    std::optional<int64_t> stop_us;  ///< It was asked to end, and does then.
  };
  using Agents = std::map<LaunchId, Agent>;

  /// What happens to an agent next: it starts, or it ends.
  struct Step {
    int64_t at_us = 0;
    std::optional<LaunchEnd> end;
  };
  /// What is to be told once the lock is released.
  struct News {
    std::shared_ptr<LaunchListener> listener;
    LaunchId launch = 0;
    LaunchStart start;
    std::optional<LaunchEnd> end;

    void Tell() noexcept;
  };

  [[nodiscard]] int64_t& TimeOf(const std::string& instance) USHER_REQUIRES(mutex_);
  [[nodiscard]] Agents::iterator FindSame(const LaunchOrder& order) USHER_REQUIRES(mutex_);
  [[nodiscard]] Agent MakeAgent(LaunchOrder order, int64_t now_us);
  [[nodiscard]] std::optional<int64_t> SessionEnd(const Agent& agent) const;
  [[nodiscard]] Step StartOf(const Agent& agent) const;
  [[nodiscard]] std::optional<Step> EndOf(const Agent& agent) const;
  [[nodiscard]] std::optional<Step> NextOf(const Agent& agent) const;
  News Take(Agents::iterator at, Step step) USHER_REQUIRES(mutex_);
  /// All that happens to one agent by then.
  std::vector<News> Pass(Agents::iterator at, int64_t until_us) USHER_REQUIRES(mutex_);

  const Clock& clock_;
  const World world_;
  Mutex mutex_;
  std::map<std::string, int64_t> times_ USHER_GUARDED_BY(mutex_);  ///< By instance.
  Agents agents_ USHER_GUARDED_BY(mutex_);
  LaunchId last_ USHER_GUARDED_BY(mutex_) = 0;
};

}  // namespace broker
