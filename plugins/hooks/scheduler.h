#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include <usher/plugin.hpp>

#include "settings.h"
#include "variables.h"

namespace hooks {

/// Runs the hooks of events, and ends each event once its hooks are done. Those of one event go in
/// the configured order, those of one session's events in the order of the events; of all no more
/// than `concurrency` run at a time. Holds no more events than the broker leaves open.
///
/// Not thread-safe; call from the plugin's thread.
class Scheduler {
 public:
  Scheduler(const usher::Host& host, Settings settings)
      : host_(host), settings_(std::move(settings)) {}

  /// kPending where there is a hook for the event.
  usher::Answer Take(const usher::Event& event);

 private:
  /// One hook of one event.
  struct Step {
    enum class State : int32_t { kWaiting, kRunning, kPausing, kDone };
    const Hook* hook = nullptr;
    State state = State::kWaiting;
    int64_t failures = 0;
    usher::Run run;
    usher::Timer pause;
  };
  /// One event.
  struct Work {
    usher::Completion completion;
    std::string name;  ///< For people.
    std::string session_id;
    std::string session_key;
    std::string json;
    Variables variables;
    std::vector<Step> steps;
  };

  void Go();
  [[nodiscard]] bool IsBehindAnother(const Work& work) const;
  void GoOn(Work& work);
  void Start(Work& work, Step& step);
  void Ended(Work& work, Step& step, const usher::RunResult& result);
  void Failed(Work& work, Step& step, const std::string& why);
  void Pause(Work& work, Step& step);
  [[nodiscard]] static usher::RunRequest RequestOf(const Work& work, const Hook& hook);

  const usher::Host host_;
  const Settings settings_;
  std::list<Work> works_;  ///< In the order of the events.
  int64_t running_ = 0;
};

}  // namespace hooks
