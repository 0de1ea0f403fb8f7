// What the wrapper makes of each type of event.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "usher/plugin.hpp"
#include "usher/testing.hpp"

namespace {

using testing::ElementsAre;
using usher::testing::Driver;
using usher::testing::FakeHost;
using usher::testing::MakeEvent;

/// Notes which of its methods was called.
class Methods final : public usher::SessionPlugin {
 public:
  using SessionPlugin::SessionPlugin;
  void OnCreated(const usher::Event&) override { host().LogInfo("created"); }
  void OnLogon(const usher::Event&) override { host().LogInfo("logon"); }
  void OnLogoff(const usher::Event&) override { host().LogInfo("logoff"); }
  void OnDestroyed(const usher::Event&) override { host().LogInfo("destroyed"); }
  void OnConnected(const usher::Event&) override { host().LogInfo("connected"); }
  void OnDisconnected(const usher::Event&) override { host().LogInfo("disconnected"); }
  void OnLocked(const usher::Event&) override { host().LogInfo("locked"); }
  void OnUnlocked(const usher::Event&) override { host().LogInfo("unlocked"); }
  void OnConsoleSwitched(const usher::Event&) override { host().LogInfo("switched"); }
  void OnSuspending(const usher::Event&) override { host().LogInfo("suspending"); }
  void OnResumed(const usher::Event&) override { host().LogInfo("resumed"); }
  void OnShuttingDown(const usher::Event&) override { host().LogInfo("shutting_down"); }
  void OnOther(const usher::Event& event) override {
    host().LogInfo("other: " + std::string(event.type_name()));
  }
};

TEST(ASessionPlugin, HasAMethodForEachTypeOfEvent) {
  static constexpr auto kAll = usher::detail::MakeNeeds(usher::AllEvents);
  static constexpr auto kAbout = usher::detail::Describe<Methods>("a.b", "1", kAll);
  static constexpr auto kOf = usher::detail::MakeEntry<Methods>(&kAbout);
  FakeHost host;
  Driver plugin(host, kOf);
  ASSERT_TRUE(plugin.Start());
  for (const char* type :
       {"session.created", "session.logon", "session.logoff", "session.destroyed",
        "session.connected", "session.disconnected", "session.locked", "session.unlocked",
        "console.switched", "system.suspending", "system.resumed", "system.shutting_down",
        "plugin.failed", "org.example.tea"}) {
    plugin.Deliver(MakeEvent(type));
  }
  std::vector<std::string> said;
  for (const auto& [severity, text] : host.Logs()) said.push_back(text);
  EXPECT_THAT(
      said, ElementsAre("created", "logon", "logoff", "destroyed", "connected", "disconnected",
                        "locked", "unlocked", "switched", "suspending", "resumed", "shutting_down",
                        "other: plugin.failed", "other: org.example.tea"));
}

}  // namespace
