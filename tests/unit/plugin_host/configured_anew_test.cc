// What a reload of the configuration does to the instances.
#include <chrono>
#include <filesystem>

#include "tests/unit/plugin_host/registry_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InstancesConfiguredAnew : public testing::RegistryFixture {
 protected:
  InstancesConfiguredAnew() {
    HostContext context = context_;
    context.health = &health_;
    registry_ = std::make_unique<PluginRegistry>(context);
    for (const char* library : {"good", "init_fails", "throws", "never_completes"}) {
      Age(Install(library));
    }
  }
  ~InstancesConfiguredAnew() override { registry_.reset(); }  // It leans on what is below.

  /// Nobody writes to it any more.
  static void Age(const std::string& file) {
    std::filesystem::last_write_time(
        file, std::filesystem::file_time_type::clock::now() - std::chrono::minutes(1));
  }

  void StartWith(const std::vector<PluginSettings>& plugins) {
    settings_.plugins = plugins;
    Start();
  }

  /// Applies these tables, and answers what failed, "NAME: sentence" each.
  std::vector<std::string> Apply(const std::vector<PluginSettings>& plugins) {
    Settings wanted = settings_;
    wanted.plugins = plugins;
    std::vector<std::string> failed;
    for (const auto& [instance, outcome] :
         registry_->Apply(wanted, ComparePlugins(settings_, wanted))) {
      if (!outcome.ok()) failed.push_back(instance + ": " + outcome.message());
    }
    settings_.plugins = registry_->Tables();
    return failed;
  }

  static PluginSettings Slower(PluginSettings plugin) {
    plugin.event_timeout_us += 1;
    return plugin;
  }

  [[nodiscard]] std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const PluginStatus& status : registry_->List()) names.push_back(status.instance);
    return names;
  }

  [[nodiscard]] bool Acknowledged(const std::string& instance, Seq seq) {
    return Eventually([&] { return StatusOf(instance).acknowledged == seq; });
  }

  HealthStore health_{*files_, directory_ / "state/health"};
};

TEST_F(InstancesConfiguredAnew, StartAndStopAndTheOthersAreLeftAlone) {
  StartWith({PluginOf("one", "good"), PluginOf("two", "good")});
  EXPECT_THAT(Apply({PluginOf("three", "good"), PluginOf("two", "good")}), IsEmpty());
  EXPECT_THAT(Names(), ElementsAre("three", "two"));
  EXPECT_EQ(StatusOf("three").state, PluginState::kRunning);
  EXPECT_EQ(diagnostics_.Count("plugin one: destroy"), 1);
  EXPECT_EQ(diagnostics_.Count("plugin two: init"), 1);
  EXPECT_EQ(diagnostics_.Count("plugin two: stop"), 0);
  EXPECT_EQ(registry_->Reload("one").code(), StatusCode::kNotFound);
}

TEST_F(InstancesConfiguredAnew, GoOnWhereTheyWere) {
  StartWith({PluginOf("it", "good")});
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged("it", 1));
  // As after an end without a chance to save: what the disk says must not count.
  ASSERT_TRUE(cursors_.Save("it", 0).ok());
  EXPECT_THAT(Apply({Slower(PluginOf("it", "good"))}), IsEmpty());
  EXPECT_EQ(diagnostics_.Count("plugin it: init"), 2);
  Emit(EventType::kSessionLogoff);
  ASSERT_TRUE(Acknowledged("it", 2));
  EXPECT_EQ(diagnostics_.Count("plugin it: event 1 session.logon"), 1);
  EXPECT_EQ(diagnostics_.Count("plugin it: event 2 session.logoff"), 1);
  EXPECT_THAT(announcer_.Of(EventType::kPluginSkipped), IsEmpty());
}

TEST_F(InstancesConfiguredAnew, LeaveToTheirSuccessorWhatTheyHaveNotFinished) {
  StartWith({PluginOf("it", "never_completes")});
  Emit(EventType::kSessionLogon);
  const auto open = [&] { return StatusOf("it").lag == 1 && StatusOf("it").undelivered == 0; };
  ASSERT_TRUE(Eventually(open));
  CommitSession("7");
  EXPECT_THAT(Apply({PluginOf("it", "good")}), IsEmpty());
  Emit(EventType::kSessionLogoff);
  ASSERT_TRUE(Acknowledged("it", 2));
  const auto seen = [this](const char* how) {
    return diagnostics_.Count(std::string("plugin it: event 1 session.logon") + how);
  };
  EXPECT_EQ(seen("") + seen(" again"), 1);
}

TEST_F(InstancesConfiguredAnew, FailAndNothingIsRolledBack) {
  StartWith({PluginOf("it", "good")});
  const auto failed = Apply({PluginOf("it", "init_fails"), PluginOf("new", "init_fails")});
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_THAT(failed[0], HasSubstr("it: "));
  EXPECT_EQ(StatusOf("it").state, PluginState::kFailed);
  EXPECT_EQ(StatusOf("new").state, PluginState::kFailed);
  EXPECT_EQ(settings_.plugins.front().library, "init_fails");
  EXPECT_THAT(Apply({PluginOf("it", "good")}), IsEmpty());
  EXPECT_EQ(StatusOf("it").state, PluginState::kRunning);
}

TEST_F(InstancesConfiguredAnew, StayAsTheyWereWhereTheLibraryCannotBeLoaded) {
  StartWith({PluginOf("it", "good")});
  const auto failed = Apply({PluginOf("it", "gone"), PluginOf("new", "gone")});
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_THAT(
      failed[0],
      HasSubstr("the change is not applied: it is not loaded anew, the one that runs goes on: "));
  EXPECT_EQ(StatusOf("it").state, PluginState::kRunning);
  EXPECT_EQ(settings_.plugins.front().library, "good") << "the next reload tries again";
  EXPECT_EQ(StatusOf("new").state, PluginState::kFailed);
}

TEST_F(InstancesConfiguredAnew, AreDisabledAndEnabledAtTheLogsEnd) {
  StartWith({PluginOf("it", "good")});
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged("it", 1));
  PluginSettings off = PluginOf("it", "good");
  off.enabled = false;
  EXPECT_THAT(Apply({off}), IsEmpty());
  EXPECT_EQ(StatusOf("it").state, PluginState::kDisabled);
  Emit(EventType::kSessionLogon);
  CommitSession("7");
  CommitSession("8");
  EXPECT_THAT(Apply({PluginOf("it", "good")}), IsEmpty());
  Emit(EventType::kSessionLogoff);
  ASSERT_TRUE(Acknowledged("it", 3));
  EXPECT_EQ(diagnostics_.Count("plugin it: event 2 session.logon"), 0);
  EXPECT_EQ(announcer_.Of(EventType::kPluginSkipped).size(), 1U);
}

TEST_F(InstancesConfiguredAnew, StayQuarantinedAndDisabled) {
  StartWith({PluginOf("bad", "throws"), PluginOf("off", "good")});
  for (int event = 0; event < 3; ++event) Emit(EventType::kSessionLogon);
  const auto quarantined = [&] { return StatusOf("bad").state == PluginState::kQuarantined; };
  ASSERT_TRUE(Eventually(quarantined));
  ASSERT_TRUE(registry_->Disable("off").ok());
  EXPECT_THAT(Apply({PluginOf("bad", "good"), Slower(PluginOf("off", "good"))}), IsEmpty());
  EXPECT_TRUE(quarantined());
  EXPECT_EQ(StatusOf("off").state, PluginState::kDisabled);
  EXPECT_TRUE(registry_->Release("bad").ok());
  EXPECT_TRUE(registry_->Enable("off").ok());
}

}  // namespace
}  // namespace broker
