#include "platform/simulated/session_source.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <string_view>
#include <system_error>
#include <utility>

#include "platform/simulated/scenario_player.h"
#include "platform/simulated/scripted_launcher.h"
#include "platform/simulated/simulated_runner.h"

namespace broker {

using std::chrono::duration;
using std::chrono::steady_clock;

namespace {

// How often a player that waits for the log looks whether it is to stop.
constexpr std::chrono::milliseconds kRoomPoll{100};

/// 32 random hexadecimal digits, as boot ids are.
std::string RandomBootId() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::random_device random;
  std::string boot_id;
  for (int i = 0; i < 32; ++i) boot_id += kDigits[random() % kDigits.size()];
  return boot_id;
}

}  // namespace

SimulatedSource::SimulatedSource(std::shared_ptr<SimulatedDesktop> desktop)
    : desktop_(std::move(desktop)) {}

SimulatedSource::~SimulatedSource() {
  desktop_->Detach();
}

Status SimulatedSource::Start(RawSink& sink) {
  desktop_->Attach(sink);
  return {};
}

void SimulatedSource::Stop() noexcept {
  desktop_->Detach();
}

void SimulatedSource::RequestSnapshot() noexcept {
  desktop_->ReportSnapshot("on request");
}

std::shared_ptr<Launcher> SimulatedSource::OwnLauncher() {
  return std::make_shared<ScriptedLauncher>(desktop_->GetClock(),
                                            ScriptedLauncher::World{agents_, desktop_});
}

std::shared_ptr<Runner> SimulatedSource::OwnRunner() {
  return std::make_shared<SimulatedRunner>(runs_);
}

ScenarioSource::ScenarioSource(Scenario scenario, double pace, Diagnostics& diagnostics)
    : SimulatedSource(std::make_shared<SimulatedDesktop>(
          StartOf(scenario), scenario.boot_id.empty() ? RandomBootId() : scenario.boot_id)),
      scenario_(std::move(scenario)),
      pace_(pace),
      diagnostics_(diagnostics) {}

ScenarioSource::~ScenarioSource() {
  Stop();
}

Status ScenarioSource::Start(RawSink& sink) {
  if (Status started = SimulatedSource::Start(sink); !started.ok()) return started;
  sink_ = &sink;
  try {
    thread_ = std::thread([this] { Play(); });
  } catch (const std::system_error& error) {
    return {StatusCode::kUnavailable,
            std::string("no thread can be started to play the scenario: ") + error.what()};
  }
  return {};
}

void ScenarioSource::Stop() noexcept {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  SimulatedSource::Stop();
}

void ScenarioSource::ListenersReady() noexcept {
  const MutexLock lock(mutex_);
  begun_ = true;
  changed_.NotifyAll();
}

void ScenarioSource::Play() {
  if (!WaitToBegin()) return;
  ScenarioPlayer player(Desktop(), &Agents(), &Runs());
  int64_t time_us = scenario_.start_us;
  for (const ScenarioStep& step : scenario_.steps) {
    if (!WaitFor(step, time_us) || !WaitForRoom()) return;
    time_us = step.at_us;
    if (const Status played = player.Play(step); !played.ok()) {
      diagnostics_.Log(Severity::kError, "simulated",
                       scenario_.file + ": a step is left out: " + played.message());
    }
  }
  if (scenario_.stops) Desktop().ReportEnd();
}

bool ScenarioSource::WaitForRoom() {
  while (!sink_->WaitForRoom(kRoomPoll)) {
    const MutexLock lock(mutex_);
    if (stopping_) return false;
  }
  return true;
}

bool ScenarioSource::WaitToBegin() {
  const MutexLock lock(mutex_);
  while (!begun_ && !stopping_) changed_.Wait(mutex_);
  return !stopping_;
}

bool ScenarioSource::WaitFor(const ScenarioStep& step, int64_t before_us) {
  const duration<double> wanted(pace_ * static_cast<double>(step.at_us - before_us) / 1e6);
  const auto wait = std::min<duration<double>>(wanted, kMaxWait);
  const auto until = steady_clock::now() + std::chrono::ceil<steady_clock::duration>(wait);
  const MutexLock lock(mutex_);
  while (!stopping_ && steady_clock::now() < until) changed_.WaitUntil(mutex_, until);
  return !stopping_;
}

Result<std::unique_ptr<Source>> MakeSimulatedSource(const SourceSettings& settings,
                                                    Diagnostics& diagnostics) {
  LoadedScenario loaded = LoadScenario(settings.scenario);
  if (loaded.errors.empty()) {
    return {
        std::make_unique<ScenarioSource>(std::move(loaded.scenario), settings.pace, diagnostics)};
  }
  std::string message = "the scenario cannot be played:";
  for (const SettingsError& error : loaded.errors) message += "\n  " + ToString(error);
  return Status(StatusCode::kInvalid, std::move(message));
}

}  // namespace broker
