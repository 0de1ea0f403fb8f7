#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "event/diagnostics.h"
#include "event/mutex.h"
#include "platform/simulated/agent_script.h"
#include "platform/simulated/desktop.h"
#include "platform/simulated/run_script.h"
#include "platform/simulated/scenario.h"
#include "settings/settings.h"
#include "source/source.h"

namespace broker {

/// Reports what happens on a simulated desktop, whoever works at it, on the thread of who does: a
/// snapshot that is asked for on the asking one.
class SimulatedSource : public Source {
 public:
  explicit SimulatedSource(std::shared_ptr<SimulatedDesktop> desktop);
  ~SimulatedSource() override;

  Status Start(RawSink& sink) override;
  void Stop() noexcept override;
  void RequestSnapshot() noexcept override;
  [[nodiscard]] std::string Name() const override { return "simulated"; }
  [[nodiscard]] SourceCapabilities Capabilities() const override {
    return {.remote_disconnect = true, .lock_state = true, .real = false};
  }
  [[nodiscard]] const Clock& SourceClock() const override { return desktop_->GetClock(); }
  [[nodiscard]] std::shared_ptr<Launcher> OwnLauncher() override;
  [[nodiscard]] std::shared_ptr<Runner> OwnRunner() override;

 protected:
  [[nodiscard]] SimulatedDesktop& Desktop() const { return *desktop_; }
  /// What the desktop's agents do, for OwnLauncher.
  [[nodiscard]] AgentScript& Agents() const { return *agents_; }
  /// How programs fare, for OwnRunner.
  [[nodiscard]] RunScript& Runs() const { return *runs_; }

 private:
  const std::shared_ptr<SimulatedDesktop> desktop_;
  const std::shared_ptr<AgentScript> agents_ = std::make_shared<AgentScript>();
  const std::shared_ptr<RunScript> runs_ = std::make_shared<RunScript>();
};

/// Plays a scenario on a desktop of its own, on a thread of its own. The clock stands still between
/// the steps and jumps to the next; kEnd follows the last one if the scenario stops then. Nothing
/// is played before ListenersReady, so that a plugin sees the first step whatever the pace. Every
/// play is a boot of its own, unless the scenario names one.
class ScenarioSource final : public SimulatedSource {
 public:
  /// `scenario` is without errors. `pace`: real seconds per second of the scenario, 0 = at once; no
  /// step is waited for longer than kMaxWait. `diagnostics` must outlive this.
  ScenarioSource(Scenario scenario, double pace, Diagnostics& diagnostics);
  ~ScenarioSource() override;

  Status Start(RawSink& sink) override;
  void Stop() noexcept override;
  void ListenersReady() noexcept override;
  [[nodiscard]] std::string BootId() const override { return Desktop().BootId(); }

  static constexpr std::chrono::milliseconds kMaxWait{2000};

 private:
  void Play();
  /// Waits until a step's reports can be taken; false if it is time to stop.
  bool WaitForRoom();
  /// Waits for the listeners; false if it is time to stop.
  bool WaitToBegin();
  /// Waits as long as the time until the step takes; false if it is time to stop.
  bool WaitFor(const ScenarioStep& step, int64_t before_us);

  const Scenario scenario_;
  const double pace_;
  Diagnostics& diagnostics_;
  RawSink* sink_ = nullptr;
  Mutex mutex_;
  Condition changed_;
  bool begun_ USHER_GUARDED_BY(mutex_) = false;
  bool stopping_ USHER_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

/// The source that plays `settings.scenario`. On failure every error in the scenario, a line each.
/// `diagnostics` must outlive the source.
Result<std::unique_ptr<Source>> MakeSimulatedSource(const SourceSettings& settings,
                                                    Diagnostics& diagnostics);

}  // namespace broker
