// What the scripted launcher has of agents that were released: who asks again has them back.
#include "tests/unit/platform/simulated/scripted_launcher_fixture.h"

namespace broker {
namespace {

using testing::AScriptedLauncher;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kSecond;

TEST_F(AScriptedLauncher, HandsOverWhatGoesOnToWhoAsksForItAgain) {
  const LaunchId first = Start(Order());
  const int64_t pid = told->pid;
  told->Take();
  launcher->Release(first);
  Pass(7 * kSecond);
  Start(Order());
  EXPECT_THAT(told->Take(), ElementsAre("2 adopted after 7.000 s"));
  EXPECT_EQ(told->pid, pid);
  launcher->Stop(2);
  EXPECT_THAT(told->Take(), ElementsAre("2 stopped after 7.000 s"));
}

TEST_F(AScriptedLauncher, HandsOverNothingThatHasEnded) {
  AgentRule runs = Rule(AgentTwist::kRuns);
  runs.time_us = 2 * kSecond;
  script->Add(runs);
  launcher->Release(Start(Order()));
  Pass(7 * kSecond);
  Start(Order());
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "2 started after 0.000 s"));
}

TEST_F(AScriptedLauncher, HandsOverNothingThatIsNotToBeKept) {
  LaunchOrder order = Order();
  order.keep = false;
  launcher->Release(Start(order));
  Start(order);
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "2 started after 0.000 s"));
}

TEST_F(AScriptedLauncher, EndsWhatNobodyHasAskedForWhenThatIsSettled) {
  launcher->Release(Start(Order()));
  launcher->Settle("others");
  launcher->Release(Start(Order()));
  launcher->Settle("agents");
  Start(Order());
  EXPECT_THAT(told->Take(), ElementsAre("1 started after 0.000 s", "2 adopted after 0.000 s",
                                        "3 started after 0.000 s"));
}

TEST_F(AScriptedLauncher, TellsNobodyOfWhatWasReleased) {
  launcher->Release(Start(Order()));
  told->Take();
  ASSERT_TRUE(desktop->Logoff(alice->Id()).ok());
  Pass(7 * kSecond);
  EXPECT_THAT(told->Take(), IsEmpty());
}

TEST_F(AScriptedLauncher, HandsOverWhatAnInstanceHadThatWasAbandoned) {
  LaunchOrder ended = Order("ends");
  ended.keep = false;
  Start(Order());
  Start(ended);
  told->Take();
  launcher->ReleaseAll("others");
  Pass(7 * kSecond);
  launcher->ReleaseAll("agents");
  Start(Order());
  Start(ended);
  EXPECT_THAT(told->Take(), ElementsAre("3 adopted after 7.000 s", "4 started after 0.000 s"));
}

}  // namespace
}  // namespace broker
