#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "platform/linux/unit_state.h"

namespace broker {
namespace {

UnitState Ended(const char* result, int32_t kind, int32_t status) {
  return {"done", "inactive", result, kind, status, 77};
}

TEST(AUnit, HasNotEndedBeforeItsJobHas) {
  EXPECT_FALSE(EndOfUnit({}, false));
  EXPECT_FALSE(EndOfUnit({"", "inactive", "success", 0, 0, 0}, false));
  EXPECT_FALSE(EndOfUnit({"done", "active", "success", 0, 0, 77}, false));
  EXPECT_FALSE(EndOfUnit({"done", "deactivating", "success", CLD_EXITED, 0, 77}, false));
}

TEST(AUnit, WhoseLastNewsIsOlderThanItsStartHasNotEnded) {
  EXPECT_FALSE(EndOfUnit({"done", "inactive", "success", 0, 0, 0}, false));
}

TEST(AUnit, TellsExitCodesAndSignals) {
  const auto exited = EndOfUnit(Ended("exit-code", CLD_EXITED, 3), false);
  ASSERT_TRUE(exited);
  EXPECT_EQ(exited->kind, RunEndKind::kExited);
  EXPECT_EQ(exited->code, 3);
  const auto killed = EndOfUnit(Ended("signal", CLD_KILLED, SIGSEGV), false);
  ASSERT_TRUE(killed);
  EXPECT_EQ(killed->kind, RunEndKind::kSignaled);
  EXPECT_EQ(killed->code, SIGSEGV);
}

TEST(AUnit, ThatWasEndedAtItsLimitHasTimedOut) {
  const auto end = EndOfUnit(Ended("timeout", CLD_KILLED, SIGTERM), true);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, RunEndKind::kTimedOut);
}

TEST(AUnit, WhoseChildrenHadToBeKilledHasItsOwnExitCode) {
  const auto end = EndOfUnit(Ended("timeout", CLD_EXITED, 0), false);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, RunEndKind::kExited);
}

TEST(AUnit, ThatWasNotStartedSaysWhy) {
  const auto end = EndOfUnit({"failed", "failed", "exit-code", CLD_EXITED, 203, 77}, false);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, RunEndKind::kNotStarted);
  EXPECT_EQ(end->stage, "start");
  EXPECT_EQ(end->call, "execve");
  EXPECT_EQ(end->code, 203);
}

TEST(AUnit, ThatWasDeadBeforeItsJobWasDoneHasRun) {
  const auto end = EndOfUnit({"failed", "failed", "exit-code", CLD_EXITED, 3, 77}, false);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, RunEndKind::kExited);
  EXPECT_EQ(end->code, 3);
}

TEST(AUnit, MayItselfExitWithACodeOfSystemds) {
  const auto end = EndOfUnit(Ended("exit-code", CLD_EXITED, 203), false);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, RunEndKind::kExited);
}

}  // namespace
}  // namespace broker
