// The agents plugin on a scripted broker: what an administrator asks for, and is shown.
#include "supervisor.h"

#include "desk.h"

namespace {

using agents::testing::Desk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using usher::EventType;

class SteeredAgents : public Desk {
 protected:
  void Begin() { ASSERT_EQ(Start(), ""); }
};

TEST_F(SteeredAgents, CanBeStoppedBeforeSomebodyComes) {
  AddAgent("tray");
  Begin();
  Ask("stop", "tray");
  EXPECT_EQ(host_.Described("tray", "")->state, USHER_AGENT_STOPPED);
  EXPECT_EQ(host_.Described("tray", "")->reason, "an administrator has stopped it");
  Here("1", "anna");
  EXPECT_THAT(There(), IsEmpty());
  Ask("start", "tray");
  EXPECT_THAT(There(), ElementsAre("tray@1"));
}

TEST_F(SteeredAgents, ThatNobodyHasStayStoppedOverARestart) {
  host_.Configure(AddAgent("kiosk") + "sessions.seat", {"seat7"});
  Begin();
  Here("1", "anna");
  Ask("stop", "kiosk");
  Restart();
  EXPECT_EQ(host_.Described("kiosk", "")->state, USHER_AGENT_STOPPED);
  Ask("start", "kiosk");
  EXPECT_EQ(host_.Described("kiosk", "")->state, USHER_AGENT_WAITING);
}

TEST_F(SteeredAgents, AreStoppedAndStartedByTheAdministrator) {
  AddAgent("tray");
  AddAgent("other");
  Begin();
  Here("1", "anna");
  Here("2", "berta");
  GoOn();
  Ask("stop", "tray", "1");
  EXPECT_THAT(There(), ElementsAre("tray@1 stopping", "other@1", "tray@2", "other@2"));
  GoOn();
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_STOPPED);
  Locks("1");
  EXPECT_THAT(There(), ElementsAre("other@1", "tray@2", "other@2"));
  Ask("start", "tray", "1");
  EXPECT_THAT(There(), ElementsAre("other@1", "tray@2", "other@2", "tray@1"));
  GoOn();
  Ask("restart", "tray", "2");
  EXPECT_THAT(There(), ElementsAre("other@1", "tray@2 stopping", "other@2", "tray@1"));
  GoOn();
  EXPECT_THAT(There(), ElementsAre("other@1", "other@2", "tray@1", "tray@2"));
}

TEST_F(SteeredAgents, StayStoppedOverARestartAndForThoseWhoLogOnLater) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  GoOn();
  Ask("stop", "tray");
  GoOn();
  Here("2", "berta");
  EXPECT_THAT(There(), IsEmpty());
  Restart();
  EXPECT_THAT(There(), IsEmpty());
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_STOPPED);
  Here("3", "carla");
  EXPECT_THAT(There(), IsEmpty());
  Ask("start", "tray", "2");
  EXPECT_THAT(There(), ElementsAre("tray@2")) << "but for this one";
  Restart();
  EXPECT_THAT(There(), ElementsAre("tray@2"));
  Ask("start", "tray");
  EXPECT_THAT(There(), ElementsAre("tray@2", "tray@1", "tray@3"));
}

TEST_F(SteeredAgents, OfOneSessionStayStoppedOverARestart) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  Here("2", "berta");
  Ask("stop", "tray", "1");
  Restart();
  EXPECT_THAT(There(), ElementsAre("tray@2"));
}

TEST_F(SteeredAgents, OfAUserAreStoppedInWhateverSessionTheyAre) {
  host_.Configure(AddAgent("sync") + "scope", "user");
  Begin();
  Here("1", "anna");
  Here("2", "anna");
  Here("3", "berta");
  Ask("stop", "sync", "2");
  EXPECT_THAT(There(), ElementsAre("sync@1 stopping", "sync@3"));
  Restart();
  EXPECT_THAT(There(), ElementsAre("sync@3"));
}

TEST_F(SteeredAgents, OfTheConsoleAreStoppedWhoeverComesToIt) {
  host_.Configure(AddAgent("vnc") + "scope", "console");
  Begin();
  Here("1", "anna");
  Ask("stop", "vnc", "1");
  GoOn();
  Disconnects("1");
  Here("2", "berta");
  EXPECT_THAT(There(), IsEmpty());
  Ask("start", "vnc", "2");
  EXPECT_THAT(There(), ElementsAre("vnc@2"));
}

TEST_F(SteeredAgents, StartAnewAfterAReboot) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  Ask("stop", "tray");
  sessions_.at("1").key = "c00000000000000000000000000000c0-1-1";
  Restart();
  EXPECT_THAT(There(), ElementsAre("tray@1"));
}

TEST_F(SteeredAgents, ObeyWhatTheBrokerHasGranted) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  GoOn();
  auto event = usher::testing::MakeEvent(EventType::kControlRequest);
  event.origin = usher::Origin::kBroker;
  event.details = {{"method", "agents.stop"}, {"name", "tray"}, {"result", "denied"}};
  Deliver(event);
  event.details[2].second = "done";
  event.origin = usher::Origin::kInjected;
  Deliver(event);
  event.origin = usher::Origin::kBroker;
  event.details[0].second = "plugins.stop";
  Deliver(event);
  event.details[1].second = "nobody";
  Deliver(event);
  EXPECT_THAT(There(), ElementsAre("tray@1"));
}

TEST_F(SteeredAgents, ObeyWhatComesAgainOnlyIfItWasNotCarriedOut) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  GoOn();
  auto event = usher::testing::MakeEvent(EventType::kControlRequest);
  event.origin = usher::Origin::kBroker;
  event.details = {{"method", "agents.reset"}, {"name", "tray"}, {"result", "done"}};
  event.seq = 50;
  Deliver(event);
  Restart();
  GoOn();
  event.details[0].second = "agents.stop";
  event.flags = USHER_FLAG_REDELIVERED;
  Deliver(event);
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_RUNNING);
  event.seq = 51;
  Deliver(event);
  GoOn();
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_STOPPED);
}

TEST_F(SteeredAgents, ObeyThoughNothingCanBeStored) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  host_.Fail("storage", USHER_IO, "the disk is full");
  Ask("stop", "tray");
  EXPECT_THAT(There(), ElementsAre("tray@1 stopping"));
  EXPECT_TRUE(host_.Said("the disk is full"));
}

TEST_F(SteeredAgents, RunThoughTheyCannotBeShown) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  host_.Fail("launch", USHER_LIMIT, "too many agents are described");
  GoOn();
  EXPECT_TRUE(host_.Said("too many agents are described"));
  host_.Fail("launch", USHER_OK);
  EXPECT_THAT(There(), ElementsAre("tray@1"));
}

}  // namespace
