#include "platform/simulated/scripted_launcher.h"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/unit/platform/simulated/reports.h"
#include "tests/unit/platform/simulated/scripted_launcher_fixture.h"

namespace broker {
namespace {

using testing::AScriptedLauncher;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kNoon;
using testing::kSecond;
using testing::Told;

TEST_F(AScriptedLauncher, StartsWhatNothingIsSaidOfAtOnceAndForGood) {
  Start(Order());
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s"));
  EXPECT_GT(told->pid, 0);
  Pass(86'400 * kSecond);
  EXPECT_THAT(told->Take(), IsEmpty());
}

TEST_F(AScriptedLauncher, StopsAtOnce) {
  const LaunchId launch = Start(Order());
  Pass(3 * kSecond);
  launcher->Stop(launch);
  launcher->Stop(launch);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "1 stopped after 3.000 s"));
}

TEST_F(AScriptedLauncher, TakesTheStopTimeOfWhoIgnoresThat) {
  script->Add(Rule(AgentTwist::kIgnoresStop));
  LaunchOrder order = Order();
  order.stop_time = std::chrono::seconds(5);
  const LaunchId launch = Start(order);
  launcher->Stop(launch);
  Pass(4 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s"));
  Pass(1 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 stopped after 5.000 s"));
}

TEST_F(AScriptedLauncher, EndsAgentsWithTheirSessionAndNoOthers) {
  Start(Order());
  LaunchOrder other = Order();
  other.session = LogOn("bob");
  Start(other);
  Pass(10 * kSecond);
  ASSERT_TRUE(desktop->Logoff(alice->Id()).ok());
  Pass(0);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "2 started after 0.000 s"));
  Pass(1 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 stopped after 10.00 s"));
}

TEST_F(AScriptedLauncher, EndsAgentsOfWhoLogsOffThoughProcessesStay) {
  Start(Order());
  ASSERT_TRUE(desktop->LeaveProcesses(alice->Id()).ok());
  Pass(1 * kSecond);
  ASSERT_TRUE(desktop->Logoff(alice->Id()).ok());
  Pass(1 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "1 stopped after 0.002 s"));
}

TEST_F(AScriptedLauncher, EndsAllAgentsAtAShutdown) {
  Start(Order("a"));
  LaunchOrder user = Order("b");
  user.scope = LaunchScope::kUser;
  LogOn("alice");
  Start(user);
  ASSERT_TRUE(desktop->ShutDown("reboot").ok());
  Pass(1 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "2 started after 0.000 s",
                                        "1 stopped after 0.002 s", "2 stopped after 0.002 s"));
}

TEST_F(AScriptedLauncher, EndsAUsersAgentWithTheirLastSession) {
  LaunchOrder order = Order();
  order.scope = LaunchScope::kUser;
  Start(order);
  const SessionRef second = LogOn("alice");
  Pass(10 * kSecond);
  ASSERT_TRUE(desktop->Logoff(alice->Id()).ok());
  Pass(10 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s"));
  ASSERT_TRUE(desktop->Logoff(second->Id()).ok());
  desktop->GetClock().Advance(5 * kSecond);
  LogOn("alice");
  Pass(0);
  EXPECT_THAT(told->Take(), ElementsAre("1 stopped after 20.00 s"));
}

TEST_F(AScriptedLauncher, StartsNothingInASessionThatIsGone) {
  ASSERT_TRUE(desktop->Logoff(alice->Id()).ok());
  Start(Order());
  EXPECT_THAT(told->Take(), ElementsAre("1 failed after 0.000 s"));
  EXPECT_EQ(told->last.failure.stage, LaunchStage::kSession);
  EXPECT_EQ(told->last.failure.remedy, Remedy::kDrop);
}

TEST_F(AScriptedLauncher, DropsWhatIsStillStartingAtALogoff) {
  AgentRule late = Rule(AgentTwist::kStartsLate);
  late.time_us = 5 * kSecond;
  script->Add(late);
  Start(Order());
  Pass(1 * kSecond);
  ASSERT_TRUE(desktop->Logoff(alice->Id()).ok());
  Pass(9 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 failed after 0.000 s"));
  EXPECT_EQ(told->last.failure.remedy, Remedy::kDrop);
}

TEST_F(AScriptedLauncher, StopsWhatHasNotStarted) {
  AgentRule late = Rule(AgentTwist::kStartsLate);
  late.time_us = 5 * kSecond;
  script->Add(late);
  launcher->Stop(Start(Order()));
  Pass(9 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 stopped after 0.000 s"));
}

TEST_F(AScriptedLauncher, StartsLateAsOftenAsIsSaid) {
  AgentRule late = Rule(AgentTwist::kStartsLate);
  late.time_us = 2 * kSecond;
  script->Add(late);
  Start(Order());
  EXPECT_THAT(told->Take(), IsEmpty());
  Pass(2 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 2.000 s"));
  Start(Order("other"));
  EXPECT_THAT(told->Take(), ElementsAre("2 started after 0.000 s"));
}

TEST_F(AScriptedLauncher, FailsByTheTable) {
  AgentRule fails = Rule(AgentTwist::kFails);
  fails.stage = LaunchStage::kToken;
  fails.call = "WTSQueryUserToken";
  fails.code = 1008;
  fails.system = CodeSystem::kWindows;
  script->Add(fails);
  Start(Order());
  EXPECT_EQ(told->last.kind, LaunchEndKind::kFailed);
  EXPECT_EQ(told->last.failure.call, "WTSQueryUserToken");
  EXPECT_EQ(told->last.failure.code, 1008);
  EXPECT_EQ(told->last.failure.remedy, Remedy::kDefer);
  EXPECT_EQ(told->last.failure.until, EventType::kSessionLogon);
  EXPECT_THAT(told->last.failure.meaning, HasSubstr("nobody is logged on"));
}

TEST_F(AScriptedLauncher, FailsByHowTheSessionIs) {
  SessionFacts away = alice->Facts();
  away.active = false;
  alice = std::make_shared<const Session>(away);
  AgentRule fails = Rule(AgentTwist::kFails);
  fails.call = "CreateProcessAsUser";
  fails.code = 233;
  fails.system = CodeSystem::kWindows;
  script->Add(fails);
  Start(Order());
  EXPECT_EQ(told->last.failure.until, EventType::kSessionConnected);
}

TEST_F(AScriptedLauncher, FailsAsOftenAsIsSaid) {
  AgentRule fails = Rule(AgentTwist::kFails);
  fails.times = 2;
  script->Add(fails);
  for (int i = 0; i < 3; ++i) Start(Order());
  EXPECT_THAT(told->Take(), ElementsAre("1 failed after 0.000 s", "2 failed after 0.000 s",
                                        "3 started after 0.000 s"));
}

TEST_F(AScriptedLauncher, FailsAsLongAsIsSaid) {
  AgentRule fails = Rule(AgentTwist::kFails, 1 * kSecond);
  fails.lasting_us = 10 * kSecond;
  script->Add(fails);
  Start(Order("a"));
  Pass(1 * kSecond);
  Start(Order("b"));
  Pass(9 * kSecond);
  Start(Order("c"));
  Pass(1 * kSecond);
  Start(Order("d"));
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "2 failed after 0.000 s",
                                        "3 failed after 0.000 s", "4 started after 0.000 s"));
}

TEST_F(AScriptedLauncher, RunsForAsLongAsIsSaid) {
  AgentRule runs = Rule(AgentTwist::kRuns);
  runs.time_us = 2 * kSecond;
  runs.code = 3;
  script->Add(runs);
  Start(Order());
  Pass(1 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s"));
  Pass(60 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 exited 3 after 2.000 s"));
  EXPECT_EQ(told->last.meaning, "it exited with code 3");
}

TEST_F(AScriptedLauncher, HasWhoIsAtWorkExit) {
  Start(Order("a"));
  AgentRule exits = Rule(AgentTwist::kExits, 5 * kSecond);
  exits.end = LaunchEndKind::kSignaled;
  exits.code = 9;
  exits.agent = "a";
  script->Add(exits);
  Start(Order("b"));
  Pass(5 * kSecond);
  Start(Order("a"));
  Pass(20 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "2 started after 0.000 s",
                                        "1 signaled 9 after 5.000 s", "3 started after 0.000 s"));
}

TEST_F(AScriptedLauncher, PicksBySessionAndUser) {
  LaunchOrder bob = Order();
  bob.session = LogOn("bob");
  AgentRule fails = Rule(AgentTwist::kFails);
  fails.session = std::string(bob.session->Key());
  script->Add(fails);
  fails = Rule(AgentTwist::kFails);
  fails.user = "carol";
  script->Add(fails);
  LaunchOrder carol = Order();
  carol.session = LogOn("carol");
  Start(Order());
  Start(carol);
  Start(bob);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "2 failed after 0.000 s",
                                        "3 failed after 0.000 s"));
}

TEST_F(AScriptedLauncher, TellsThingsOneByOneInTheirOrderAndWhenTheyWere) {
  AgentRule runs = Rule(AgentTwist::kRuns);
  runs.time_us = 3 * kSecond;
  runs.agent = "a";
  script->Add(runs);
  AgentRule late = Rule(AgentTwist::kStartsLate);
  late.time_us = 2 * kSecond;
  late.agent = "b";
  script->Add(late);
  late.time_us = 4 * kSecond;
  late.agent = "c";
  script->Add(late);
  for (const char* agent : {"a", "b", "c"}) Start(Order(agent));
  told->Take();
  const int64_t begin_us = Now();
  desktop->GetClock().Advance(3600 * kSecond);
  EXPECT_EQ(launcher->Advance("agents", Now()), begin_us + 2 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("2 started after 2.000 s"));
  EXPECT_EQ(launcher->Advance("agents", Now()), begin_us + 3 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("1 exited 0 after 3.000 s"));
  EXPECT_EQ(launcher->Advance("agents", Now()), begin_us + 4 * kSecond);
  EXPECT_THAT(told->Take(), ElementsAre("3 started after 4.000 s"));
  EXPECT_EQ(launcher->Advance("agents", Now()), std::nullopt);
}

TEST_F(AScriptedLauncher, LetsEachInstanceBeAtATimeOfItsOwn) {
  AgentRule runs = Rule(AgentTwist::kRuns);
  runs.time_us = 2 * kSecond;
  runs.times = 2;
  script->Add(runs);
  const int64_t begin_us = Now();
  const auto other_told = std::make_shared<Told>();
  LaunchOrder other = Order();
  other.instance = "others";
  EXPECT_EQ(launcher->Advance("others", begin_us), std::nullopt);
  desktop->GetClock().Advance(3600 * kSecond);
  EXPECT_EQ(launcher->Advance("others", begin_us + kSecond), std::nullopt);
  launcher->Start(other, other_told);
  Start(Order());
  EXPECT_EQ(launcher->Advance("others", Now()), begin_us + 3 * kSecond);
  EXPECT_THAT(other_told->Take(),
              ElementsAre("1 started after 0.000 s", "1 exited 0 after 2.000 s"));
  EXPECT_THAT(told->Take(), ElementsAre("2 started after 0.000 s"));
  EXPECT_EQ(launcher->Advance("agents", Now()), std::nullopt);
}

TEST(AScriptedLauncherOfAReplay, StartsAtOnceAndRunsUntilItIsStopped) {
  ManualClock clock(kNoon);
  ScriptedLauncher launcher(clock);
  const auto told = std::make_shared<Told>();
  LaunchOrder order;
  order.instance = "agents";
  order.agent = "tray";
  order.session = std::make_shared<const Session>(SessionWithId("1"));
  const LaunchId launch = launcher.Start(order, told);
  clock.Advance(kSecond);
  EXPECT_EQ(launcher.Advance("agents", clock.Now().monotonic_us), std::nullopt);
  launcher.Stop(launch);
  EXPECT_THAT(told->lines, ElementsAre("1 started after 0.000 s", "1 stopped after 1.000 s"));
}

class Silence final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view) noexcept override {}
};

TEST(AWholeDay, OfAgentsNeedsNoTime) {
  std::string text = "start = \"2026-01-05T07:55:00Z\"\n";
  for (int i = 0; i < 50; ++i) {
    text += "[[step]]\nafter = \"5 min\"\ndo = \"agent_exits\"\ncode = 1\n";
  }
  LoadedScenario loaded = ParseScenario(text, "s.toml");
  ASSERT_THAT(loaded.errors, IsEmpty());
  Silence silence;
  ScenarioSource source(std::move(loaded.scenario), 0, silence);
  testing::Reports reports;
  const auto launcher = source.OwnLauncher();
  ASSERT_TRUE(source.Start(reports).ok());
  source.ListenersReady();
  ASSERT_TRUE(reports.WaitForCount(2));

  const auto told = std::make_shared<Told>();
  const int64_t end_us = source.SourceClock().Now().monotonic_us;
  int64_t now_us = 0;
  launcher->Advance("agents", now_us);
  LaunchOrder order;
  order.instance = "agents";
  order.agent = "tray";
  order.scope = LaunchScope::kUser;
  order.session = std::make_shared<const Session>(SessionWithId("none"));
  launcher->Start(order, told);
  int ends = 0;
  while (const auto at_us = launcher->Advance("agents", end_us)) {
    ++ends;
    launcher->Advance("agents", *at_us + 1);
    launcher->Start(order, told);
  }
  EXPECT_EQ(ends, 50);
}

}  // namespace
}  // namespace broker
