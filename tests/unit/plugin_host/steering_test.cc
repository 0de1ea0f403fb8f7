// What is done to one instance while the broker runs: disable, enable, reload.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "event/machine.h"
#include "tests/unit/plugin_host/steering_fixture.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPatience;

using ASteeredInstance = testing::SteeringFixture;

TEST_F(ASteeredInstance, IsDisabledAndEnabledAtTheLogsEnd) {
  StartIt("good");
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged(1));
  ASSERT_TRUE(registry_->Disable("it").ok());
  EXPECT_EQ(State(), PluginState::kDisabled);
  EXPECT_TRUE(Said("plugin it: destroy"));
  EXPECT_EQ(cursors_.Load("it").value(), (StoredCursor{1, "disabled"}));
  EXPECT_EQ(registry_->Disable("it").code(), StatusCode::kInvalid);
  EXPECT_EQ(registry_->Reload("it").code(), StatusCode::kInvalid);

  Emit(EventType::kSessionLogon);
  ShowSessionsAsOf(2);
  ASSERT_TRUE(registry_->Enable("it").ok());
  EXPECT_EQ(State(), PluginState::kRunning);
  EXPECT_EQ(registry_->Enable("it").code(), StatusCode::kInvalid);
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged(3));
  EXPECT_THAT(Seen(), ElementsAre("1 session.logon", "3 session.logon"));
  const auto skipped = announcer_.Of(EventType::kPluginSkipped);
  ASSERT_EQ(skipped.size(), 1U);
  EXPECT_EQ(*skipped.front().Detail("reason"), "disabled");
}

TEST_F(ASteeredInstance, IsDisabledOnceItHasHadWhatIsInTheLog) {
  constexpr size_t kMany = 2000;
  StartIt("good");
  for (size_t i = 0; i < kMany; ++i) Emit(EventType::kSessionLogon);
  ASSERT_TRUE(registry_->Disable("it").ok());
  EXPECT_EQ(Seen().size(), kMany);
}

TEST_F(ASteeredInstance, StaysDisabledWhenTheBrokerStartsAgain) {
  StartIt("good");
  ASSERT_TRUE(registry_->Disable("it").ok());
  HostContext context = context_;
  context.health = &health_;
  registry_ = std::make_unique<PluginRegistry>(context);
  Start();
  EXPECT_EQ(State(), PluginState::kDisabled);
  EXPECT_THAT(diagnostics_.Lines().back(), HasSubstr("usherctl plugins enable it"));
  ASSERT_TRUE(registry_->Enable("it").ok());
  EXPECT_EQ(State(), PluginState::kRunning);
}

TEST_F(ASteeredInstance, IsTriedNoLongerOnceTheBrokerStops) {
  StartIt("good");
  registry_->PrepareToStop();
  EXPECT_TRUE(probe_.ended);
}

TEST_F(ASteeredInstance, IsNotEnabledAgainstTheConfiguration) {
  Add("good");
  settings_.plugins.front().enabled = false;
  Start();
  const Status enabled = registry_->Enable("good");
  EXPECT_EQ(enabled.code(), StatusCode::kInvalid);
  EXPECT_THAT(enabled.message(), HasSubstr("the configuration disables 'good'"));
}

TEST_F(ASteeredInstance, ThatIsNotThereIsNotFound) {
  StartIt("good");
  EXPECT_EQ(registry_->Disable("other").code(), StatusCode::kNotFound);
  EXPECT_EQ(registry_->Enable("other").code(), StatusCode::kNotFound);
  EXPECT_EQ(registry_->Reload("other").code(), StatusCode::kNotFound);
  EXPECT_EQ(registry_->Trace("other", 0, milliseconds(0)).status().code(), StatusCode::kNotFound);
}

TEST_F(ASteeredInstance, GoesOnWhereItWasWhenItIsReloaded) {
  StartIt("good");
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged(1));
  // As after an end without a chance to save: what the disk says must not count.
  ASSERT_TRUE(cursors_.Save("it", 0).ok());
  ASSERT_TRUE(registry_->Reload("it").ok());
  ASSERT_TRUE(cursors_.Save("it", 0).ok());
  ASSERT_TRUE(registry_->Reload("it").ok());
  Emit(EventType::kSessionLogoff);
  ASSERT_TRUE(Acknowledged(2));
  EXPECT_THAT(Seen(), ElementsAre("1 session.logon", "2 session.logoff"));
  EXPECT_THAT(announcer_.Of(EventType::kPluginSkipped), IsEmpty());
  const auto loaded = announcer_.Of(EventType::kPluginLoaded);
  ASSERT_EQ(loaded.size(), 3U);
  EXPECT_EQ(loaded.back().reason, "reloaded");
  EXPECT_THAT(probe_.asked, ElementsAre("it", "it"));
}

TEST_F(ASteeredInstance, LeavesToItsSuccessorWhatItHasNotFinished) {
  StartIt("never_completes");
  for (int event = 0; event < 3; ++event) Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Eventually([&] { return registry_->List().front().lag == 3; }));
  Put("good");
  ShowSessionsAsOf(3);
  ASSERT_TRUE(registry_->Reload("it").ok());
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged(4));
  EXPECT_THAT(Seen().back(), "4 session.logon");
  EXPECT_EQ(Seen().size(), 4U);
}

TEST_F(ASteeredInstance, RunsTheNewCodeOnceItIsReloaded) {
  StartIt("hidden_1");
  Put("hidden_2");
  ASSERT_TRUE(registry_->Reload("it").ok());
  EXPECT_TRUE(Said("plugin it: code 2, static 2"));
  using Files = std::filesystem::directory_iterator;
  const auto copies = std::distance(Files(directory_ / "state/modules"), Files());
  EXPECT_EQ(copies, 1) << "the old one is unloaded";
}

TEST_F(ASteeredInstance, GoesOnWhenItsNewLibraryFailsItsChecks) {
  StartIt("good");
  for (const char* bad : {"wrong_abi", "no_entry", "undefined", "needs_more"}) {
    Put(bad);
    const Status reloaded = registry_->Reload("it");
    EXPECT_FALSE(reloaded.ok()) << bad;
    EXPECT_THAT(reloaded.message(),
                HasSubstr("it is not loaded anew, the one that runs goes on: "));
    EXPECT_EQ(State(), PluginState::kRunning);
  }
  std::filesystem::remove(directory_ / "lib/it.so");
  EXPECT_EQ(registry_->Reload("it").code(), StatusCode::kNotFound);
  probe_.errors = {{{"usher.toml", 3, 1}, "plugins.it.config.x", "must be 1"}};
  Put("good");
  EXPECT_THAT(registry_->Reload("it").message(),
              HasSubstr("usher.toml:3:1: plugins.it.config.x: must be 1"));
  const auto failed = announcer_.Of(EventType::kPluginFailed);
  EXPECT_EQ(failed.size(), 6U);
  EXPECT_EQ(failed.back().reason, "not reloaded");
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged(1));
  EXPECT_THAT(Seen(), ElementsAre("1 session.logon"));
  EXPECT_EQ(StatusOf("it").strikes, 0U);
}

TEST_F(ASteeredInstance, IsNotReplacedByAnotherPlugin) {
  StartIt("good");
  Put("extended");
  EXPECT_THAT(registry_->Reload("it").message(), HasSubstr("has become another plugin"));
  EXPECT_EQ(State(), PluginState::kRunning);
}

TEST_F(ASteeredInstance, IsReplacedByWhatWasTriedThoughTheFileChangesMeanwhile) {
  StartIt("good");
  Put("hidden_1");
  probe_.meanwhile = [this] { Put("hidden_2"); };
  ASSERT_TRUE(registry_->Reload("it").ok());
  EXPECT_TRUE(Said("plugin it: code 1, static 1"));
}

TEST_F(ASteeredInstance, ComesBackWhenItsSuccessorFailsInInit) {
  StartIt("good");
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged(1));
  Put("init_fails");
  const Status reloaded = registry_->Reload("it");
  EXPECT_THAT(reloaded.message(), HasSubstr("it is not reloaded, the one before runs again: "));
  EXPECT_EQ(State(), PluginState::kRunning);
  EXPECT_EQ(announcer_.Of(EventType::kPluginLoaded).back().reason, "restored");
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged(2));
  EXPECT_THAT(Seen(), ElementsAre("1 session.logon", "2 session.logon"));
}

TEST_F(ASteeredInstance, RepeatsNothingThatIsFinishedThoughItIsReloadedTwice) {
  StartIt("never_completes");
  for (int event = 0; event < 3; ++event) Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Eventually([&] { return registry_->List().front().lag == 3; }));
  ShowSessionsAsOf(3);
  Put("retries");
  ASSERT_TRUE(registry_->Reload("it").ok());
  Put("good");
  ASSERT_TRUE(registry_->Reload("it").ok());
  ASSERT_TRUE(Acknowledged(3));
  // Whether the first one had the last of them is left to chance.
  using ::testing::StartsWith;
  EXPECT_THAT(Seen(), ElementsAre(StartsWith("1 "), StartsWith("2 "), StartsWith("3 ")));
}

TEST_F(ASteeredInstance, ThatIsDisabledIsNotReleased) {
  StartIt("good");
  ASSERT_TRUE(registry_->Disable("it").ok());
  EXPECT_EQ(registry_->Release("it").code(), StatusCode::kInvalid);
  EXPECT_EQ(State(), PluginState::kDisabled);
}

TEST_F(ASteeredInstance, WhoseHealthIsNotKnownDoesNotRun) {
  StartIt("good");
  ASSERT_TRUE(registry_->Disable("it").ok());
  std::ofstream(directory_ / "state/health/it") << "rubbish";
  HostContext context = context_;
  context.health = &health_;
  registry_ = std::make_unique<PluginRegistry>(context);
  Start();
  EXPECT_EQ(State(), PluginState::kFailed);
  EXPECT_THAT(StatusOf("it").last_error, HasSubstr("remove it to forget that"));
  EXPECT_FALSE(registry_->Reload("it").ok());
  EXPECT_TRUE(registry_->Disable("it").ok());
  EXPECT_TRUE(registry_->Enable("it").ok());
}

TEST_F(ASteeredInstance, WhoseFailuresCouldNotBeNotedHasThemNotedAtItsEnd) {
  StartIt("fails");
  std::ofstream(directory_ / "state/health") << "in the way";
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Eventually([&] { return StatusOf("it").strikes == 1; }));
  ASSERT_TRUE(Acknowledged(1));
  std::filesystem::remove(directory_ / "state/health");
  registry_->Stop(kPatience);
  EXPECT_EQ(health_.Load("it")->strikes.size(), 1U);
}

TEST_F(ASteeredInstance, ShowsWhyItWasNotReloaded) {
  StartIt("good");
  Put("no_entry");
  EXPECT_FALSE(registry_->Reload("it").ok());
  EXPECT_THAT(StatusOf("it").last_error, HasSubstr("the one that runs goes on"));
  Put("good");
  EXPECT_TRUE(registry_->Reload("it").ok());
  EXPECT_EQ(StatusOf("it").last_error, "");
}

TEST_F(ASteeredInstance, IsLeftAloneOnceTheBrokerStops) {
  StartIt("good");
  registry_->PrepareToStop();
  EXPECT_EQ(registry_->Reload("it").code(), StatusCode::kStopped);
  EXPECT_EQ(registry_->Disable("it").code(), StatusCode::kStopped);
  EXPECT_EQ(State(), PluginState::kRunning);
}

TEST_F(ASteeredInstance, ThatFailedFromTheBeginningIsBroughtUpByAReload) {
  StartIt("wrong_abi");
  EXPECT_EQ(State(), PluginState::kFailed);
  Put("good");
  ASSERT_TRUE(registry_->Reload("it").ok());
  EXPECT_EQ(State(), PluginState::kRunning);
}

TEST_F(ASteeredInstance, IsTracedWhileSomebodyReads) {
  StartIt("good");
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged(1));
  const auto begin = registry_->Trace("it", 0, milliseconds(0));
  ASSERT_TRUE(begin.ok());
  EXPECT_THAT(begin->calls, IsEmpty());
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(Acknowledged(2));
  ASSERT_TRUE(registry_->Reload("it").ok());
  const auto page = registry_->Trace("it", begin->next, kPatience);
  ASSERT_TRUE(page.ok());
  std::vector<std::string> calls;
  for (const TracedCall& call : page->calls) {
    calls.push_back(std::string(Name(call.call)) + " " + std::to_string(call.seq) + " " +
                    call.result);
  }
  EXPECT_THAT(calls, ElementsAre("on_event 2 ok", "stop 0 ok", "destroy 0 ok", "check_config 0 ok",
                                 "create 0 ok", "init 0 ok", "on_snapshot 0 ok"));
  EXPECT_EQ(page->lost, 0U);
}

TEST_F(ASteeredInstance, IsReloadedByItselfWhenItsLibraryChanges) {
  Put("hidden_1");
  settings_.plugins = {PluginOf("it", "it")};
  settings_.plugins.front().watch = true;
  settings_.allow_watch = true;
  Start();
  Install("hidden_2", "it");
  EXPECT_TRUE(Eventually([&] { return Said("plugin it: code 2, static 2"); }));
}

TEST_F(ASteeredInstance, IsNotWatchedByAPrivilegedBrokerUnlessThatIsAllowed) {
  Put("good");
  settings_.plugins = {PluginOf("it", "it")};
  settings_.plugins.front().watch = true;
  Start();
  const std::vector<std::string> lines = diagnostics_.Lines();
  const bool warned = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find("allow_watch") != std::string::npos;
  });
  EXPECT_EQ(warned, RunsPrivileged());
}

}  // namespace
}  // namespace broker
