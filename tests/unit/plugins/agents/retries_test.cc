// The agents plugin on a scripted broker: what becomes of agents that do not start, or end.
#include "desk.h"
#include "supervisor.h"

namespace {

using agents::testing::Desk;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AgentsThatFail : public Desk {
 protected:
  void Begin() { ASSERT_EQ(Start(), ""); }
  /// Of those that are there.
  [[nodiscard]] std::vector<uint64_t> Causes() const {
    std::vector<uint64_t> all;
    for (const auto& launch : host_.Launches()) all.push_back(launch.cause);
    return all;
  }
};

TEST_F(AgentsThatFail, AreTriedAgainByTheClock) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  GoOn();
  Ends("tray");
  EXPECT_THAT(There(), IsEmpty());
  ASSERT_EQ(State("tray", "1"), USHER_AGENT_BACKING_OFF);
  EXPECT_EQ(host_.Described("tray", "1")->next_try_us, host_.realtime_us() + 1'000'000);
  EXPECT_EQ(host_.Described("tray", "1")->last_exit, "it has ended");
  EXPECT_EQ(host_.Timers(), 1U);
  driver_->Advance(milliseconds(999));
  EXPECT_THAT(There(), IsEmpty());
  driver_->Advance(milliseconds(1));
  EXPECT_THAT(There(), ElementsAre("tray@1"));
  EXPECT_EQ(host_.Timers(), 0U);
  EXPECT_EQ(host_.Described("tray", "1")->restarts, 1U);
}

TEST_F(AgentsThatFail, AreTriedAgainBecauseOfWhatHadThemLaunched) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  Here("2", "berta");
  GoOn();
  const std::vector<uint64_t> before = Causes();
  ASSERT_EQ(before.size(), 2U);
  ASSERT_NE(before[0], before[1]);
  for (int id = 1; id <= 2; ++id) {
    Ends("tray");
    driver_->Advance(milliseconds(300));
  }
  driver_->Advance(milliseconds(400));
  EXPECT_THAT(There(), ElementsAre("tray@1"));
  driver_->Advance(milliseconds(300));
  EXPECT_THAT(There(), ElementsAre("tray@1", "tray@2"));
  EXPECT_EQ(Causes(), before);
}

TEST_F(AgentsThatFail, AreTriedAgainEachForItsOwnCauseThoughTimersAreLate) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  Here("2", "berta");
  GoOn();
  const std::vector<uint64_t> before = Causes();
  ASSERT_EQ(before.size(), 2U);
  for (int id = 1; id <= 2; ++id) {
    Ends("tray");
    driver_->Advance(milliseconds(300));
  }
  driver_->Stall(seconds(5));
  driver_->Advance(milliseconds(0));
  EXPECT_THAT(There(), ElementsAre("tray@1", "tray@2"));
  EXPECT_EQ(Causes(), before);
}

TEST_F(AgentsThatFail, MayBeMoreThanThereAreTimers) {
  AddAgent("tray");
  Begin();
  for (int id = 1; id <= 100; ++id) Here(std::to_string(id), "anna");
  GoOn();
  for (int id = 1; id <= 100; ++id) {
    driver_->Advance(milliseconds(1));
    Ends("tray");
  }
  EXPECT_THAT(There(), IsEmpty());
  EXPECT_EQ(host_.Timers(), 48U) << "there are 64 at most";
  driver_->Advance(milliseconds(900));
  EXPECT_THAT(There(), IsEmpty());
  driver_->Advance(milliseconds(50));
  EXPECT_EQ(There().size(), 50U);
  driver_->Advance(milliseconds(50));
  EXPECT_EQ(There().size(), 100U);
  EXPECT_EQ(host_.Timers(), 0U);
}

TEST_F(AgentsThatFail, ThatAreDueSoonNeedNotWaitForATimerThoughThereAreMany) {
  host_.Configure(AddAgent("slow") + "backoff.initial", "9 s");
  host_.Configure(AddAgent("quick") + "backoff.initial", "100 ms");
  Begin();
  for (int id = 1; id <= 60; ++id) Here(std::to_string(id), "anna");
  GoOn();
  for (int id = 1; id <= 60; ++id) {
    driver_->Advance(milliseconds(1));
    Ends("slow");
  }
  EXPECT_EQ(host_.Timers(), 48U);
  Ends("quick");
  EXPECT_EQ(There().size(), 59U);
  driver_->Advance(milliseconds(100));
  EXPECT_EQ(There().size(), 60U);
  driver_->Advance(seconds(9));
  EXPECT_EQ(There().size(), 120U);
}

TEST_F(AgentsThatFail, ThatTheBrokerRefusesAreTriedSeldom) {
  AddAgent("tray");
  Begin();
  host_.Fail("launch", USHER_NOT_PERMITTED, "\"/opt/tray\" is not granted");
  Here("1", "anna");
  host_.Fail("launch", USHER_OK);
  driver_->Advance(minutes(9));
  EXPECT_THAT(There(), IsEmpty());
  driver_->Advance(minutes(1));
  EXPECT_THAT(There(), ElementsAre("tray@1"));
}

TEST_F(AgentsThatFail, ThatTheBrokerRefusesAreTriedAtOnceOnRequest) {
  AddAgent("tray");
  Begin();
  host_.Fail("launch", USHER_NOT_PERMITTED, "\"/opt/tray\" is not granted");
  Here("1", "anna");
  host_.Fail("launch", USHER_OK);
  Ask("reset", "tray");
  EXPECT_THAT(There(), ElementsAre("tray@1"));
}

TEST_F(AgentsThatFail, OfASessionThatIsGoneMeanwhileAreDropped) {
  AddAgent("tray");
  Begin();
  host_.Fail("launch", USHER_NOT_FOUND, "there is no such session");
  Here("1", "anna");
  host_.Fail("launch", USHER_OK);
  LogsOff("1");
  Goes("1");
  EXPECT_EQ(host_.Timers(), 0U);
  EXPECT_THAT(There(), IsEmpty());
}

TEST_F(AgentsThatFail, ThatSomebodyHasToMendSayHow) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  Outcome outcome;
  outcome.change = USHER_LAUNCH_FAILED;
  outcome.meaning = "its user may not run this program";
  outcome.advice = "chmod +x it";
  outcome.remedy = USHER_REMEDY_FIX;
  driver_->TellLaunch(1, outcome);
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_GAVE_UP);
  EXPECT_EQ(host_.Described("tray", "1")->reason, "its user may not run this program; chmod +x it");
}

TEST_F(AgentsThatFail, ThatMustWaitForAnEventAreLaunchedByIt) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  Outcome outcome;
  outcome.change = USHER_LAUNCH_FAILED;
  outcome.meaning = "nobody is connected";
  outcome.remedy = USHER_REMEDY_DEFER;
  outcome.until = USHER_EVENT_SESSION_CONNECTED;
  driver_->TellLaunch(1, outcome);
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_WAITING);
  Here("2", "berta");
  EXPECT_THAT(There(), ElementsAre("tray@2")) << "another session's event is nothing to it";
  ConsoleConnects("1");
  EXPECT_THAT(There(), ElementsAre("tray@2", "tray@1"));
}

}  // namespace
