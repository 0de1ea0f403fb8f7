// Agents that an instance leaves behind, and what its successor and the log hear of them.
#include "tests/unit/plugin_host/launch_fixture.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Where;

class AgentsOfAnInstanceThatIsReplaced : public testing::LaunchFixture {
 protected:
  AgentsOfAnInstanceThatIsReplaced() {
    left_ = std::make_shared<LeftLaunches>(&launcher_, announcer_, clock_);
  }

  /// The instance ends, and another one of its name comes up.
  void Replace(std::string_view config = "") {
    instance_->Deactivate();
    ASSERT_EQ(Activate(config), "up");
  }
  void LeaveOne(std::string_view config = "") {
    ASSERT_EQ(Activate(config), "up");
    LogOn();
    launcher_.listener->Started(1, {77, false, microseconds(1500)});
    instance_->Tend();
    Replace();
  }
  /// The plugin says that it has asked for all it wants.
  void Settle() { EXPECT_EQ(Deliver(EventType::kSessionLocked), Outcome::kDone); }
};

TEST_P(AgentsOfAnInstanceThatIsReplaced, AreStoppedWhereTheyAreWantedNoMoreAndTheLogSaysSo) {
  LeaveOne();
  EXPECT_THAT(launcher_.stopped, IsEmpty());
  Settle();
  EXPECT_THAT(launcher_.stopped, ElementsAre(1U));
  const size_t lines = diagnostics_.Lines().size();
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kStopped, 0, microseconds(8)));
  instance_->Tend();
  EXPECT_EQ(Detail(EventType::kAgentStopped, "agent"), "tray");
  EXPECT_EQ(Detail(EventType::kAgentStopped, "session"), "7");
  EXPECT_EQ(announcer_.Of(EventType::kAgentStopped).back().cause, 5U);
  EXPECT_EQ(diagnostics_.Lines().size(), lines) << "the plugin has not asked for it";
  instance_->Deactivate();
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, AreTakenOverWhereTheyAreAskedForAgain) {
  LeaveOne();
  LogOn();
  EXPECT_THAT(launcher_.released, ElementsAre(1U)) << "else the launcher has nothing to hand over";
  EXPECT_EQ(launcher_.orders.size(), 2U);
  Settle();
  EXPECT_THAT(launcher_.stopped, IsEmpty());
  launcher_.listener->Ended(2, EndOfAgent(LaunchEndKind::kExited, 0, microseconds(8)));
  instance_->Tend();
  EXPECT_EQ(announcer_.Of(EventType::kAgentExited).size(), 1U);
  instance_->Deactivate();
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, AreStoppedAtOnceWhereTheyAreNotToBeKept) {
  LeaveOne("stays = false");
  EXPECT_THAT(launcher_.stopped, ElementsAre(1U));
  LogOn();
  Settle();
  EXPECT_THAT(launcher_.stopped, ElementsAre(1U)) << "once";
  EXPECT_THAT(launcher_.released, IsEmpty()) << "nobody would hear of its end";
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kStopped, 0, microseconds(8)));
  instance_->Tend();
  EXPECT_EQ(announcer_.Of(EventType::kAgentStopped).size(), 1U);
  instance_->Deactivate();
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, AreHeardOfAlsoWhereTheyEndMeanwhile) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  instance_->Deactivate();
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kSignaled, 9, microseconds(8)));
  const int woken = lane_.woken;
  ASSERT_EQ(Activate(), "up");
  EXPECT_GT(lane_.woken, woken);
  instance_->Tend();
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "9");
  instance_->Deactivate();
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, ArePassedOnAlsoByOneThatHasAskedForNothing) {
  LeaveOne();
  Replace();
  Settle();
  EXPECT_THAT(launcher_.stopped, ElementsAre(1U));
  instance_->Deactivate();
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, EndBeforeTheSameOneOfTheOtherScope) {
  LeaveOne();
  Replace("of_user = true");
  LogOn();
  EXPECT_THAT(launcher_.stopped, ElementsAre(1U)) << "without a call of settle()";
  EXPECT_THAT(launcher_.released, IsEmpty());
  EXPECT_EQ(launcher_.orders.size(), 2U);
  Settle();
  EXPECT_THAT(launcher_.stopped, ElementsAre(1U));
  instance_->Deactivate();
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, EndWhereThereIsToBeNoneOfItsNameAndTheLogSaysSo) {
  LeaveOne();
  instance_->Deactivate();
  instance_.reset();
  left_->End("me");
  EXPECT_THAT(launcher_.stopped, ElementsAre(1U));
  EXPECT_THAT(launcher_.settled, ElementsAre("me"));
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kStopped, 0, microseconds(8)));
  EXPECT_EQ(Detail(EventType::kAgentStopped, "agent"), "tray");
  EXPECT_EQ(Detail(EventType::kAgentStopped, "instance"), "me");
  EXPECT_EQ(Detail(EventType::kAgentStopped, "id"), "org.example.launches");
  EXPECT_EQ(announcer_.Of(EventType::kAgentStopped).back().cause, 5U);
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, AreHeardOfWhereTheyStartAfterItsEnd) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  instance_->Deactivate();
  launcher_.listener->Started(1, {77, false, microseconds(1500)});
  left_->End("me");
  EXPECT_EQ(Detail(EventType::kAgentStarted, "pid"), "77");
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kExited, 127, microseconds(8)));
  EXPECT_EQ(Detail(EventType::kAgentExited, "stage"), "early exit");
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, ComeToTheirEndAlsoWhereTimeIsSimulated) {
  LeaveOne();
  instance_->Deactivate();
  launcher_.exit_us = 1'000'000'000;
  left_->End("me");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "3");
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, AreNotToldOfAtTheEndOfALongChain) {
  ASSERT_EQ(Activate(), "up");
  chain_ = kMaxChain;
  LogOn();
  instance_->Deactivate();
  left_->End("me");
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kStopped, 0, microseconds(8)));
  EXPECT_THAT(announcer_.Of(EventType::kAgentStopped), IsEmpty());
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, AreHeardOfWhereTheyEndBeforeItIsKnownThatThereIsNone) {
  LeaveOne();
  instance_->Deactivate();
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kSignaled, 9, microseconds(8)));
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "no such event");
  left_->End("me");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "9");
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, GoOnWhereNobodyReplacesIt) {
  LeaveOne();
  instance_->Deactivate();
  instance_.reset();
  EXPECT_THAT(launcher_.released, IsEmpty());
  left_.reset();
  EXPECT_THAT(launcher_.released, ElementsAre(1U));
  EXPECT_THAT(launcher_.stopped, IsEmpty());
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, AreToldAsEndedBeforeTheNextCanAskForThemAgain) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  instance_->Deactivate();
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kSignaled, 9, microseconds(8)));
  ASSERT_EQ(Activate(), "up");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "9");
  instance_->Deactivate();
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, WaitForTheNextWhereOneDoesNotComeUp) {
  LeaveOne();
  instance_->Deactivate();
  ASSERT_NE(Activate("unknown_key = 1"), "up");
  const int woken = lane_.woken;
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kSignaled, 9, microseconds(8)));
  EXPECT_EQ(lane_.woken, woken) << "its lane may be gone";
  ASSERT_EQ(Activate(), "up");
  EXPECT_EQ(Detail(EventType::kAgentExited, "code"), "9");
  instance_->Deactivate();
}

TEST_P(AgentsOfAnInstanceThatIsReplaced, AreTheSuccessorsAlsoWhereTheOldOneGoesLate) {
  ASSERT_EQ(Activate(), "up");
  LogOn();
  instance_->Deactivate();
  std::unique_ptr<Instance> old = std::move(instance_);
  ASSERT_EQ(Activate(), "up");
  old.reset();
  const int woken = lane_.woken;
  launcher_.listener->Ended(1, EndOfAgent(LaunchEndKind::kSignaled, 9, microseconds(8)));
  EXPECT_GT(lane_.woken, woken);
  instance_->Deactivate();
}

/// In this process its plugin would stay for good, which a leak checker finds.
class AgentsOfAnInstanceThatIsAbandoned : public AgentsOfAnInstanceThatIsReplaced {};

TEST_P(AgentsOfAnInstanceThatIsAbandoned, AreFreeForTheNext) {
  LeaveOne();
  instance_->Abandon();
  EXPECT_THAT(launcher_.abandoned, ElementsAre("me"));
  instance_.reset();
  EXPECT_FALSE(left_->Take("me")) << "they are not its to leave any more";
}

INSTANTIATE_TEST_SUITE_P(OfAPlugin, AgentsOfAnInstanceThatIsReplaced,
                         ::testing::Values(Where::kHere, Where::kInAChild), testing::NameOf);

INSTANTIATE_TEST_SUITE_P(OfAPlugin, AgentsOfAnInstanceThatIsAbandoned,
                         ::testing::Values(Where::kInAChild), testing::NameOf);

}  // namespace
}  // namespace broker
