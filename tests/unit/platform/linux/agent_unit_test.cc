#include "platform/linux/agent_unit.h"

#include <fnmatch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace broker {
namespace {

using ::testing::HasSubstr;

LaunchOrder Order() {
  SessionFacts facts;
  facts.id = "7";
  facts.key = "boot-7-100";
  facts.user_id = "2001";
  LaunchOrder order;
  order.instance = "desktop";
  order.agent = "tray";
  order.session = std::make_shared<const Session>(facts);
  return order;
}

std::string UnitWith(const std::string& key, const std::string& user,
                     LaunchScope scope = LaunchScope::kSession) {
  LaunchOrder order = Order();
  SessionFacts facts = order.session->Facts();
  facts.key = key;
  facts.user_id = user;
  order.session = std::make_shared<const Session>(facts);
  order.scope = scope;
  return UnitOfAgent(order);
}

bool Matches(const std::string& pattern, const std::string& unit) {
  return ::fnmatch(pattern.c_str(), unit.c_str(), 0) == 0;
}

TEST(TheUnitOfAnAgent, HasANameThatStaysTheSame) {
  // A broker of another version is to find it.
  EXPECT_EQ(UnitOfAgent(Order()), "usher-agent-desktop_tray-c8aa1e7f538ef35f.service");
}

TEST(TheUnitOfAnAgent, IsAnotherForEachSessionOrUser) {
  EXPECT_NE(UnitWith("boot-7-100", "2001"), UnitWith("boot-7-200", "2001"));
  EXPECT_EQ(UnitWith("boot-7-100", "2001", LaunchScope::kUser),
            UnitWith("boot-8-200", "2001", LaunchScope::kUser));
  EXPECT_NE(UnitWith("boot-7-100", "2001", LaunchScope::kUser),
            UnitWith("boot-7-100", "2002", LaunchScope::kUser));
  EXPECT_NE(UnitWith("2001", "2001"), UnitWith("2001", "2001", LaunchScope::kUser));
}

TEST(TheDigestOfAnAgentsUnit, IsTheSameForTheSameAlone) {
  const LaunchMeans means{{"A=1", "B=2"}, "session-7.scope", true};
  const uint64_t digest = DigestOfAgentUnit(Order(), means);
  EXPECT_EQ(DigestOfAgentUnit(Order(), means), digest);
  const auto other = [&](const auto& change) {
    LaunchOrder order = Order();
    LaunchMeans other_means = means;
    change(order, other_means);
    return DigestOfAgentUnit(order, other_means) != digest;
  };
  EXPECT_TRUE(other([](auto&, auto& others) { others.environment = {"A=1", "B=3"}; }));
  EXPECT_TRUE(other([](auto&, auto& others) { others.environment = {"A=1B=2"}; }));
  EXPECT_TRUE(other([](auto&, auto& others) { others.bound_to = "session-8.scope"; }));
  EXPECT_TRUE(other([](auto& order, auto&) { order.program = "/bin/other"; }));
  EXPECT_TRUE(other([](auto& order, auto&) { order.arguments = {"-v"}; }));
  EXPECT_TRUE(other([](auto& order, auto&) { order.limits.tasks = 7; }));
  EXPECT_TRUE(other([](auto& order, auto&) { order.stop_time = std::chrono::seconds(1); }));
  EXPECT_TRUE(other([](auto& order, auto&) { order.token = TokenKind::kSystem; }));
  EXPECT_TRUE(other([](auto& order, auto&) { order.directory = "/tmp"; }));
  EXPECT_TRUE(other([](auto& order, auto&) { order.keep = false; }));
}

TEST(TheUnitOfAnAgent, IsFoundByItsInstanceAlone) {
  LaunchOrder order = Order();
  EXPECT_TRUE(Matches(UnitsOfInstance("desktop"), UnitOfAgent(order)));
  EXPECT_TRUE(Matches(kAgentUnits, UnitOfAgent(order)));
  EXPECT_FALSE(Matches(UnitsOfInstance("desk"), UnitOfAgent(order)));
  order.instance = "desktop-2";
  EXPECT_FALSE(Matches(UnitsOfInstance("desktop"), UnitOfAgent(order)));
}

TEST(TheUnitOfAnAgent, HasANameThatTheServiceManagerTakes) {
  LaunchOrder order = Order();
  order.instance = std::string(64, 'i');
  order.agent = std::string(64, 'a');
  EXPECT_LT(UnitOfAgent(order).size(), 256U);
}

UnitState Ended(const char* result, int32_t kind, int32_t status) {
  return {"done", "inactive", result, kind, status, 77};
}

TEST(AnAgentsUnit, HasNotEndedBeforeItsJobHas) {
  EXPECT_FALSE(EndOfAgentUnit({}, false));
  EXPECT_FALSE(EndOfAgentUnit({"", "inactive", "success", 0, 0, 0}, false));
  EXPECT_FALSE(EndOfAgentUnit({"done", "active", "success", 0, 0, 77}, false));
  EXPECT_FALSE(EndOfAgentUnit({"done", "deactivating", "success", CLD_EXITED, 0, 77}, true));
  EXPECT_FALSE(EndOfAgentUnit({"done", "inactive", "success", 0, 0, 0}, false));
}

TEST(AnAgentsUnit, TellsExitCodesAndSignals) {
  const auto exited = EndOfAgentUnit(Ended("exit-code", CLD_EXITED, 3), false);
  ASSERT_TRUE(exited);
  EXPECT_EQ(exited->kind, LaunchEndKind::kExited);
  EXPECT_EQ(exited->code, 3);
  const auto killed = EndOfAgentUnit(Ended("signal", CLD_KILLED, SIGKILL), false);
  ASSERT_TRUE(killed);
  EXPECT_EQ(killed->kind, LaunchEndKind::kSignaled);
  EXPECT_EQ(killed->code, SIGKILL);
}

TEST(AnAgentsUnit, ThatSomebodyStoppedIsStoppedHoweverItEnded) {
  EXPECT_EQ(EndOfAgentUnit(Ended("success", CLD_KILLED, SIGTERM), true)->kind,
            LaunchEndKind::kStopped);
  EXPECT_EQ(EndOfAgentUnit({"canceled", "inactive", "success", 0, 0, 0}, true)->kind,
            LaunchEndKind::kStopped);
}

TEST(AnAgentsUnit, ThatDidNotDieOfItsLastSignalInTimeIsStoppedAllTheSame) {
  const UnitState left{"done", "failed", "timeout", 0, 0, 77};
  ASSERT_TRUE(EndOfAgentUnit(left, true)) << "nobody tells of its exit any more";
  EXPECT_EQ(EndOfAgentUnit(left, true)->kind, LaunchEndKind::kStopped);
  EXPECT_FALSE(EndOfAgentUnit(left, false));
}

TEST(AnAgentsUnit, ThatUsedTooMuchMemorySaysSo) {
  const auto end = EndOfAgentUnit(Ended("oom-kill", CLD_KILLED, SIGKILL), false);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, LaunchEndKind::kSignaled);
  EXPECT_THAT(end->meaning, HasSubstr("memory"));
}

TEST(AnAgentsUnit, ThatWasNotExecutedIsAFailureToStart) {
  const auto end = EndOfAgentUnit({"failed", "failed", "exit-code", CLD_EXITED, 203, 77}, false);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, LaunchEndKind::kFailed);
  EXPECT_EQ(end->failure.stage, LaunchStage::kSpawn);
  EXPECT_EQ(end->failure.code, 203);
  EXPECT_EQ(end->failure.remedy, Remedy::kFix);
}

TEST(AnAgentsUnit, ThatIsStartedAgainHasNotEndedAsItDidBefore) {
  // Without a new process it still shows how the one before has ended.
  UnitState state{"failed", "failed", "resources", CLD_KILLED, SIGKILL, 77, 1'000'000};
  ForgetEndBefore(std::chrono::steady_clock::time_point(std::chrono::seconds(2)), state);
  ASSERT_TRUE(EndOfAgentUnit(state, false));
  EXPECT_EQ(EndOfAgentUnit(state, false)->kind, LaunchEndKind::kFailed);
  state = Ended("signal", CLD_KILLED, SIGKILL);
  state.started_us = 3'000'000;
  ForgetEndBefore(std::chrono::steady_clock::time_point(std::chrono::seconds(2)), state);
  ASSERT_TRUE(EndOfAgentUnit(state, false));
  EXPECT_EQ(EndOfAgentUnit(state, false)->kind, LaunchEndKind::kSignaled);
}

TEST(AnAgentsUnit, ThatWasDeadBeforeItsJobWasDoneHasRun) {
  const auto end = EndOfAgentUnit({"failed", "failed", "exit-code", CLD_EXITED, 3, 77}, false);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, LaunchEndKind::kExited);
  EXPECT_EQ(end->code, 3);
}

TEST(AnAgentsUnit, ThatCouldNotBeExecutedInTimeDidNotRun) {
  const auto end = EndOfAgentUnit({"failed", "failed", "timeout", CLD_KILLED, 15, 77}, false);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, LaunchEndKind::kFailed);
}

TEST(AnAgentsUnit, WhoseSessionEndedFirstIsDropped) {
  const auto end = EndOfAgentUnit({"dependency", "inactive", "success", 0, 0, 0}, false);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->failure.remedy, Remedy::kDrop);
}

}  // namespace
}  // namespace broker
