#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plugin_host/file_stamp.h"
#include "tests/unit/plugin_host/registry_fixture.h"

namespace broker::testing {

/// Notes what it is asked, and answers as it is told to.
class NotingProbe final : public ConfigProbe {
 public:
  std::vector<SettingsError> Probe(const PluginSettings& settings, const std::string& /*copy*/,
                                   const std::string& /*path*/) const override {
    asked.push_back(settings.name);
    if (meanwhile) meanwhile();
    return errors;
  }
  void End() noexcept override { ended = true; }
  mutable std::vector<std::string> asked;
  std::atomic<bool> ended = false;
  std::vector<SettingsError> errors;
  std::function<void()> meanwhile;
};

class SteeringFixture : public RegistryFixture {
 protected:
  SteeringFixture() {
    HostContext context = context_;
    context.health = &health_;
    context.probe = &probe_;
    registry_ = std::make_unique<PluginRegistry>(context);
  }
  ~SteeringFixture() override { registry_.reset(); }  // It leans on what is below.

  /// Starts the instance "it" of the library `name`.
  void StartIt(const std::string& name) {
    Put(name);
    settings_.plugins = {PluginOf("it", "it")};
    Start();
  }

  /// Puts another library into the place of the instance's; nobody writes to it any more.
  void Put(const std::string& name) {
    const std::filesystem::path file = Install(name, "it");
    std::filesystem::last_write_time(file, std::chrono::file_clock::now() - kSettled);
  }

  /// From now on a snapshot includes the events up to here.
  void ShowSessionsAsOf(Seq seq) {
    committed_ = seq - 1;
    CommitSession("7");
  }

  [[nodiscard]] PluginState State() const { return StatusOf("it").state; }

  [[nodiscard]] bool Acknowledged(Seq seq) {
    return Eventually([&] { return StatusOf("it").acknowledged == seq; });
  }

  /// What the instance said of events, its name left out.
  [[nodiscard]] std::vector<std::string> Seen() const {
    std::vector<std::string> seen;
    const std::string said = "plugin it: event ";
    for (const std::string& line : diagnostics_.Lines()) {
      if (line.starts_with(said)) seen.push_back(line.substr(said.size()));
    }
    return seen;
  }

  HealthStore health_{*files_, directory_ / "state/health"};
  NotingProbe probe_;
};

}  // namespace broker::testing
