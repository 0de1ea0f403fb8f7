#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "usher/plugin.hpp"
#include "usher/testing.hpp"

/// A plugin that does what a test says.
namespace acting {

/// What the plugin does, and what it was called for. One test at a time.
struct Script {
  std::function<void(const usher::Host&)> check;
  std::function<void(const usher::Host&)> init;
  std::function<void(const usher::Host&)> snapshot;
  std::function<usher::Answer(const usher::Host&, const usher::Event&)> event;
  std::function<void(const usher::Host&)> stop;
  std::function<void(const usher::Host&)> destroy;
  std::vector<usher::Timer> timers;
  std::vector<usher::Run> runs;
};
inline Script script;

template <class Function>
void Act(const Function& function, const usher::Host& host) {
  if (function) function(host);
}

class Acting final : public usher::AsyncPlugin {
 public:
  using AsyncPlugin::AsyncPlugin;
  ~Acting() override {
    script.timers.clear();
    script.runs.clear();
    Act(script.destroy, host());
  }
  static void CheckConfig(const usher::Host& host) { Act(script.check, host); }
  void OnInit() override { Act(script.init, host()); }
  void OnSnapshot(const usher::Snapshot&) override { Act(script.snapshot, host()); }
  usher::Answer OnEvent(const usher::Event& event) override {
    return script.event ? script.event(host(), event) : usher::Answer::kDone;
  }
  void OnStop() override { Act(script.stop, host()); }
};

inline constexpr auto kNeeds = usher::detail::MakeNeeds(
    usher::Events(usher::EventType::kSessionLocked, usher::EventType::kSessionLogon),
    usher::Optional(USHER_EXT_TIMER));
inline constexpr usher_plugin_descriptor kDescriptor =
    usher::detail::Describe<Acting>("org.example.acting", "1", kNeeds);
inline constexpr usher_plugin_entry_t kEntry = usher::detail::MakeEntry<Acting>(&kDescriptor);

class Fixture : public ::testing::Test {
 protected:
  Fixture() { script = Script{}; }
  ~Fixture() override { script = Script{}; }

  usher::testing::CallResult Start() {
    plugin_.emplace(host_, kEntry);
    return plugin_->Start();
  }
  usher::testing::CallResult Deliver(usher::EventType type = usher::EventType::kSessionLocked) {
    return plugin_->Deliver(usher::testing::MakeEvent(type, usher::testing::UserSession("anna")));
  }

  usher::testing::FakeHost host_;
  std::optional<usher::testing::Driver> plugin_;
};

}  // namespace acting
