// Agents that an instance launches: what it may ask for, and what it and the log are told.
#include "tests/unit/plugin_host/launch_fixture.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Where;

class AnInstanceThatLaunchesAgents : public testing::LaunchFixture {};

TEST_P(AnInstanceThatLaunchesAgents, HasWhatItAsksForPassedOn) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  ASSERT_EQ(launcher_.orders.size(), 1U);
  const LaunchOrder& order = launcher_.orders.front();
  EXPECT_EQ(order.instance, "me");
  EXPECT_EQ(order.agent, "tray");
  EXPECT_EQ(order.session->Key(), "boot-7-1");
  EXPECT_EQ(order.program, "/opt/example/agent");
  EXPECT_THAT(order.arguments, ElementsAre("--quiet"));
  EXPECT_THAT(order.variables, ElementsAre(std::pair("SEQ", "5")));
  EXPECT_EQ(order.limits.tasks, 7U);
  EXPECT_TRUE(order.ready.display);
  EXPECT_FALSE(order.ready.user_bus);
  EXPECT_EQ(order.ready.timeout, std::chrono::seconds(30));
  EXPECT_EQ(order.stop_time, std::chrono::seconds(5));
  EXPECT_TRUE(order.keep);
  const Event launching = announcer_.Of(EventType::kAgentLaunching).back();
  EXPECT_EQ(launching.cause, 5U);
  EXPECT_EQ(Detail(EventType::kAgentLaunching, "agent"), "tray");
  EXPECT_EQ(Detail(EventType::kAgentLaunching, "session"), "7");
  EXPECT_EQ(Detail(EventType::kAgentLaunching, "program"), "/opt/example/agent");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, IsToldThatOneIsAtWorkAndHowItEnded) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  launcher_.listener->Started(1, {77, false, microseconds(1500)});
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kSignaled, 9, microseconds(8)));
  EXPECT_EQ(lane_.woken, 2);
  EXPECT_THAT(diagnostics_.Lines(), IsEmpty()) << "not before it is tended";
  instance_->Tend();
  EXPECT_THAT(
      diagnostics_.Lines(),
      ElementsAre(
          HasSubstr("heard: 0 0 77 new, , it is at work, , 0 0"),
          HasSubstr(
              "heard: 2 9 0 new, early exit, it was ended by signal 9, see what it writes, or "
              "run it by hand as that user, 0 0")));
  EXPECT_EQ(Detail(EventType::kAgentStarted, "pid"), "77");
  EXPECT_EQ(Detail(EventType::kAgentStarted, "duration_us"), "1500");
  EXPECT_EQ(Detail(EventType::kAgentExited, "result"), "signaled");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "9");
  EXPECT_EQ(announcer_.Of(EventType::kAgentExited).back().cause, 5U);
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, IsToldThatOneWasAtWorkAlready) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  launcher_.listener->Started(1, {77, true, microseconds(1500)});
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre(HasSubstr("heard: 0 0 77 adopted")));
  EXPECT_EQ(Detail(EventType::kAgentStarted, "adopted"), "yes");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, IsToldWhyOneDidNotStartAndWhatToDo) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  launcher_.listener->Ended(
      1, EndOfFailed({LaunchStage::kToken, "WTSQueryUserToken", 1008, "nobody is logged on",
                      Remedy::kDefer, EventType::kSessionLogon, "wait"}));
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(),
              ElementsAre(HasSubstr("heard: 5 1008 0 new, token, nobody is logged on, wait, 1 2")));
  EXPECT_EQ(Detail(EventType::kAgentExited, "result"), "failed");
  EXPECT_EQ(Detail(EventType::kAgentExited, "stage"), "token");
  EXPECT_EQ(Detail(EventType::kAgentExited, "call"), "WTSQueryUserToken");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "1008");
  EXPECT_EQ(Detail(EventType::kAgentExited, "remedy"), "defer");
  EXPECT_EQ(Detail(EventType::kAgentExited, "until"), "session.logon");
  EXPECT_EQ(Detail(EventType::kAgentExited, "advice"), "wait");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, IsToldWhyOneHardlyCameUpAndWhatToDo) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  LaunchEnd end = EndOfAgent(LaunchEndKind::kExited, 127, kEarlyExitTime - microseconds(1));
  end.system = CodeSystem::kLinux;
  launcher_.listener->Started(1, {});
  launcher_.listener->Ended(1, end);
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines().back(),
              AllOf(HasSubstr("heard: 1 127 0 new, early exit, it exited with code 127: it ended"),
                    HasSubstr("see what ldd PROGRAM says")));
  EXPECT_EQ(Detail(EventType::kAgentExited, "result"), "exited");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "127");
  EXPECT_EQ(Detail(EventType::kAgentExited, "stage"), "early exit");
  EXPECT_EQ(Detail(EventType::kAgentExited, "call"), "exit");
  EXPECT_EQ(Detail(EventType::kAgentExited, "remedy"), "fix");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, IsToldNothingOfOneThatWasUpOrIsDone) {
  for (const auto& [code, time] : {std::pair<int32_t, microseconds>(127, kEarlyExitTime),
                                   std::pair<int32_t, microseconds>(0, microseconds(1))}) {
    ASSERT_EQ(Activate(), "up");
    LogOn();
    LaunchEnd end = EndOfAgent(LaunchEndKind::kExited, code, time);
    end.system = CodeSystem::kLinux;
    launcher_.listener->Ended(1, end);
    instance_->Tend();
    EXPECT_EQ(Detail(EventType::kAgentExited, "stage"), "no such detail") << code;
    instance_->Deactivate();
  }
}

TEST_P(AnInstanceThatLaunchesAgents, HearsOfThoseThatItStops) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  EXPECT_EQ(Deliver(EventType::kSessionLogoff), Outcome::kDone);
  EXPECT_THAT(launcher_.stopped, ElementsAre(1U));
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kStopped, 0, microseconds(8)));
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre(HasSubstr("heard: 3 0")));
  EXPECT_EQ(Detail(EventType::kAgentStopped, "result"), "stopped");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, HearsNothingOfThoseThatItReleases) {
  ASSERT_EQ(Activate("releases = true"), "up");
  LogOn();
  EXPECT_EQ(Deliver(EventType::kSessionLogoff), Outcome::kDone);
  EXPECT_THAT(launcher_.released, ElementsAre(1U));
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kExited, 0, microseconds(8)));
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(), IsEmpty());
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, LeavesThemWhenItStops) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  instance_->Deactivate();
  EXPECT_THAT(launcher_.released, ElementsAre(1U));
  EXPECT_THAT(launcher_.stopped, IsEmpty());
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kExited, 0, microseconds(8)));
  EXPECT_EQ(lane_.woken, 0) << "the lane may be gone by now";
}

TEST_P(AnInstanceThatLaunchesAgents, HasTheLogTellOfThemAllHoweverManyThereAre) {
  constexpr size_t kMany = 2 * AnnounceLimit::kPerMinute;
  ASSERT_EQ(Activate("keeps = true"), "up");
  for (size_t i = 1; i <= kMany; ++i) {
    SessionFacts facts = ASession().Facts();
    facts.id = std::to_string(i);
    facts.key = "boot-" + facts.id + "-1";
    session_ = std::make_shared<const Session>(facts);
    LogOn();
  }
  for (size_t i = 1; i <= kMany; ++i) launcher_.listener->Started(i, {});
  for (size_t i = 1; i <= kMany; ++i) {
    launcher_.listener->Ended(i, EndOfAgent(LaunchEndKind::kStopped, 0, {}));
  }
  instance_->Tend();
  for (const EventType type :
       {EventType::kAgentLaunching, EventType::kAgentStarted, EventType::kAgentStopped}) {
    EXPECT_EQ(announcer_.Of(type).size(), kMany);
  }
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, MayHaveOneOfANameInASession) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  LogOn();
  EXPECT_THAT(diagnostics_.Lines(),
              ElementsAre(HasSubstr("the agent 'tray' was started there already")));
  EXPECT_EQ(launcher_.orders.size(), 1U);
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, KnowsThemAndSaysHowTheyAre) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  launcher_.listener->Started(1, {77, false, microseconds(1500)});
  instance_->Tend();
  EXPECT_EQ(Deliver(EventType::kSessionLocked), Outcome::kDone);
  EXPECT_THAT(diagnostics_.Lines().back(), HasSubstr("listed: tray in 7 77"));
  EXPECT_THAT(launcher_.settled, ElementsAre("me"));
  const std::vector<AgentStatus> board = board_.List();
  ASSERT_EQ(board.size(), 1U);
  EXPECT_EQ(board.front().instance, "me");
  EXPECT_EQ(board.front().agent, "tray");
  EXPECT_EQ(board.front().session, "7");
  EXPECT_EQ(board.front().state, AgentState::kBackingOff);
  EXPECT_EQ(board.front().restarts, 3U);
  EXPECT_EQ(Detail(EventType::kAgentBackingOff, "why"), "it died");
  EXPECT_EQ(Deliver(EventType::kSessionLocked), Outcome::kDone);
  EXPECT_EQ(announcer_.Of(EventType::kAgentBackingOff).size(), 1U) << "the same state as before";
  instance_->Deactivate();
  EXPECT_THAT(board_.List(), IsEmpty());
}

TEST_P(AnInstanceThatLaunchesAgents, IsStruckForACallbackThatFails) {
  ASSERT_EQ(Activate("throws = true"), "up");
  LogOn();
  launcher_.listener->Started(1, {});
  instance_->Tend();
  EXPECT_EQ(Detail(EventType::kPluginFailed, "call"), "launch");
  EXPECT_EQ(Detail(EventType::kPluginFailed, "seq"), "5");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, InSimulatedTimeHearsOfThemBeforeWhatHappensLater) {
  constexpr int64_t kSecond = 1'000'000;
  simulated_ = true;
  ASSERT_EQ(Activate(), "up");
  LogOn();
  launcher_.exit_us = clock_.Now().monotonic_us + 20 * kSecond;
  clock_.monotonic_us += 10 * kSecond;
  EXPECT_EQ(Deliver(EventType::kSessionLocked), Outcome::kDone);
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre(HasSubstr("listed: tray in 7 0")));
  clock_.monotonic_us += 10 * kSecond;
  EXPECT_EQ(Deliver(EventType::kSessionUnlocked), Outcome::kDone);
  EXPECT_THAT(diagnostics_.Lines(),
              ElementsAre(HasSubstr("listed: tray in 7 0"), HasSubstr("heard: 1 3 0")));
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, InSimulatedTimeHearsOfThemWithoutAnEvent) {
  simulated_ = true;
  ASSERT_EQ(Activate(), "up");
  EXPECT_EQ(instance_->Tend(), Condition::TimePoint::max());
  LogOn();
  clock_.monotonic_us += 1000;
  launcher_.exit_us = clock_.Now().monotonic_us;
  EXPECT_NE(instance_->Tend(), Condition::TimePoint::max());
  EXPECT_THAT(diagnostics_.Lines(), IsEmpty()) << "the clock has just moved";
  instance_->Tend();
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre(HasSubstr("heard: 1 3 0")));
  EXPECT_EQ(instance_->Tend(), Condition::TimePoint::max()) << "there is none any more";
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, IsRefusedWhatIsNotGrantedAndTheLogSaysSo) {
  ASSERT_EQ(Activate("token = 2"), "up");
  LogOn();
  EXPECT_THAT(launcher_.orders, IsEmpty());
  EXPECT_THAT(diagnostics_.Lines(),
              ElementsAre(HasSubstr("the configuration lets 'me' launch no agent with the token "
                                    "'system'; add \"system\" to tokens in [plugins.me.launch]")));
  EXPECT_EQ(Detail(EventType::kAgentExited, "result"), "failed");
  EXPECT_EQ(Detail(EventType::kAgentExited, "stage"), "policy");
  EXPECT_EQ(Detail(EventType::kAgentExited, "call"), "tokens");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "-4");
  EXPECT_EQ(Detail(EventType::kAgentExited, "error"),
            "the configuration lets 'me' launch no agent with the token 'system'");
  EXPECT_EQ(Detail(EventType::kAgentExited, "advice"),
            "add \"system\" to tokens in [plugins.me.launch], and reload");
  EXPECT_EQ(Detail(EventType::kAgentExited, "remedy"), "fix");
  EXPECT_THAT(announcer_.Of(EventType::kAgentLaunching), IsEmpty());
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, IsRefusedAProgramThatLeavesItsFolder) {
  ASSERT_EQ(Activate("program = '/opt/example/../../bin/sh'"), "up");
  LogOn();
  EXPECT_THAT(launcher_.orders, IsEmpty());
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre(HasSubstr("a program's path has no '.', '..'")));
  EXPECT_EQ(Detail(EventType::kAgentExited, "stage"), "policy");
  EXPECT_EQ(Detail(EventType::kAgentExited, "call"), "start");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "-2");
  EXPECT_THAT(Detail(EventType::kAgentExited, "advice"), HasSubstr("plugin's configuration"));
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, IsRefusedOneOfTooManyArgumentsAndTheLogSaysWhose) {
  ASSERT_EQ(Activate("arguments = 65"), "up");
  LogOn();
  EXPECT_THAT(launcher_.orders, IsEmpty());
  EXPECT_EQ(Detail(EventType::kAgentExited, "agent"), "tray");
  EXPECT_EQ(Detail(EventType::kAgentExited, "session"), "7");
  EXPECT_EQ(Detail(EventType::kAgentExited, "stage"), "policy");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "-7");
  EXPECT_EQ(Detail(EventType::kAgentExited, "error"), "an agent has at most 64 arguments");
  EXPECT_EQ(Detail(EventType::kAgentExited, "remedy"), "retry");
  instance_->Deactivate();
}

TEST_P(AnInstanceThatLaunchesAgents, IsRefusedASessionThatIsNotThereAndTheLogSaysSo) {
  ASSERT_EQ(Activate("session = 'none'"), "up");
  LogOn();
  EXPECT_THAT(launcher_.orders, IsEmpty());
  EXPECT_EQ(Detail(EventType::kAgentExited, "session"), "none");
  EXPECT_EQ(Detail(EventType::kAgentExited, "stage"), "session");
  EXPECT_EQ(Detail(EventType::kAgentExited, "call"), "start");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "-3");
  EXPECT_EQ(Detail(EventType::kAgentExited, "error"), "there is no session 'none'");
  EXPECT_EQ(Detail(EventType::kAgentExited, "remedy"), "drop");
  instance_->Deactivate();
}

INSTANTIATE_TEST_SUITE_P(OfAPlugin, AnInstanceThatLaunchesAgents,
                         ::testing::Values(Where::kHere, Where::kInAChild), testing::NameOf);

}  // namespace
}  // namespace broker
