// The orders in which Windows tells of its sessions, and what agents make of each. L, the logon
// screen, is a session without a user that becomes the user's.
#include "desk.h"

namespace {

using agents::testing::Desk;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A tray agent for whoever is logged on; one for the logon screen; one that follows the console,
/// the logon screen included.
class OnWindows : public Desk {
 protected:
  void SetUp() override {
    AddAgent("tray");
    host_.Configure(AddAgent("screen") + "start_on", {"logon_screen"});
    const std::string console = AddAgent("console");
    host_.Configure(console + "start_on", {"logon_screen", "logon"});
    host_.Configure(console + "scope", "console");
    ASSERT_EQ(Start(), "");
  }

  /// Somebody is logged on at the console, and their agents are up.
  void IsHere(const std::string& id, const std::string& user) {
    Here(id, user);
    GoOn();
    GoOn();
  }
  /// How often the tray agent of a session was launched.
  [[nodiscard]] int Trays(const std::string& id) const {
    int launched = 0;
    for (const auto& described : host_.Described()) {
      const bool launches = described.agent == "tray" && described.session_id == id &&
                            described.state == USHER_AGENT_LAUNCHING;
      launched += launches ? 1 : 0;
    }
    return launched;
  }
};

TEST_F(OnWindows, TheLogonScreensSessionBecomesTheUsersAtALogon) {
  NewLogonScreen("1");
  Created("1");
  EXPECT_THAT(There(), ElementsAre("screen@1"));
  ConsoleConnects("1");
  EXPECT_THAT(There(), ElementsAre("screen@1", "console@1"));
  GoOn();
  LogsOn("1", "anna");
  EXPECT_THAT(There(), ElementsAre("screen@1 stopping", "console@1 stopping", "tray@1"))
      << "what has the system's rights is not left to the user";
  GoOn();
  EXPECT_THAT(There(), ElementsAre("tray@1", "console@1"));
}

TEST_F(OnWindows, ALockChangesNothing) {
  IsHere("1", "anna");
  Locks("1");
  Unlocks("1");
  EXPECT_THAT(There(), ElementsAre("tray@1", "console@1"));
  EXPECT_EQ(Trays("1"), 1);
}

TEST_F(OnWindows, TheConsoleIsFollowedToTheLogonScreenAndBack) {
  IsHere("1", "anna");
  Disconnects("1");
  EXPECT_THAT(There(), ElementsAre("tray@1", "console@1 stopping"));
  GoOn();
  NewLogonScreen("2");
  ConsoleConnects("2");
  GoOn();
  EXPECT_THAT(There(), ElementsAre("tray@1", "screen@2", "console@2"));
  Disconnects("2");
  GoOn();
  ConsoleConnects("1");
  GoOn();
  Unlocks("1");
  Goes("2");
  EXPECT_THAT(There(), ElementsAre("tray@1", "console@1"));
  EXPECT_EQ(Trays("1"), 1) << "who comes back finds the agent that was there";
}

TEST_F(OnWindows, TheConsoleIsFollowedToAnotherUser) {
  IsHere("1", "anna");
  Disconnects("1");
  IsHere("2", "berta");
  Disconnects("2");
  GoOn();
  NewLogonScreen("3");
  ConsoleConnects("3");
  Disconnects("3");
  ConsoleConnects("1");
  Unlocks("1");
  GoOn();
  GoOn();
  EXPECT_THAT(There(), ElementsAre("tray@1", "tray@2", "console@1"));
  EXPECT_EQ(Trays("1"), 1);
  EXPECT_EQ(Trays("2"), 1);
}

TEST_F(OnWindows, AnotherUserWhoLogsOnGetsAgentsOfTheirOwn) {
  IsHere("1", "anna");
  Locks("1");
  Disconnects("1");
  NewLogonScreen("2");
  ConsoleConnects("2");
  GoOn();
  LogsOn("2", "berta");
  GoOn();
  GoOn();
  EXPECT_THAT(There(), ElementsAre("tray@1", "tray@2", "console@2"));
}

TEST_F(OnWindows, ALogoffAtTheConsoleEndsTheUsersAgents) {
  IsHere("1", "anna");
  LogsOff("1");
  EXPECT_THAT(There(), ElementsAre("tray@1 stopping", "console@1 stopping"));
  Disconnects("1");
  NewLogonScreen("2");
  ConsoleConnects("2");
  EXPECT_THAT(There(), ElementsAre("tray@1 stopping", "console@1 stopping", "screen@2"))
      << "at the console there is never more than one";
  GoOn();
  GoOn();
  EXPECT_THAT(There(), ElementsAre("screen@2", "console@2"));
  Goes("1");
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_GONE);
}

TEST_F(OnWindows, ARemoteLogonStartsNothingBeforeIt) {
  New("5", "anna");
  sessions_.at("5").seat = "";
  RemoteConnects("5");
  EXPECT_THAT(There(), IsEmpty());
  LogsOn("5", "anna");
  EXPECT_THAT(There(), ElementsAre("tray@5"));
}

TEST_F(OnWindows, ASessionThatIsTakenOverRemotelyKeepsItsAgent) {
  IsHere("1", "anna");
  New("7");
  sessions_.at("7").seat = "";
  RemoteConnects("7");
  Disconnects("1");
  Ends("tray");
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_WAITING) << "it died of that, maybe";
  NewLogonScreen("2");
  ConsoleConnects("2");
  Disconnects("7");
  driver_->Advance(seconds(1));
  RemoteConnects("1");
  GoOn();
  GoOn();
  EXPECT_THAT(There(), ElementsAre("screen@2", "tray@1", "console@2"));
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_RUNNING) << "no failure was counted";
}

TEST_F(OnWindows, ATakeOverIsNoReasonToLaunchAnything) {
  IsHere("1", "anna");
  Disconnects("1");
  RemoteConnects("1");
  driver_->Advance(seconds(10));
  EXPECT_EQ(Trays("1"), 1);
}

TEST_F(OnWindows, ARemoteDisconnectionKeepsTheAgent) {
  New("5", "anna");
  sessions_.at("5").seat = "";
  RemoteConnects("5");
  LogsOn("5", "anna");
  GoOn();
  Disconnects("5");
  EXPECT_THAT(There(), ElementsAre("tray@5"));
}

TEST_F(OnWindows, ARestartEndsAllAgentsInWhateverOrderItIsTold) {
  IsHere("1", "anna");
  Deliver(usher::testing::MakeEvent(usher::EventType::kSystemShuttingDown));
  LogsOff("1");
  Goes("1");
  EXPECT_THAT(There(), ElementsAre("tray@1 stopping", "console@1 stopping"));
  GoOn();
  EXPECT_THAT(There(), IsEmpty());
  EXPECT_EQ(host_.Timers(), 0U);
}

TEST_F(OnWindows, ALogonWithNobodyThereIsAwaitedWhereTheAgentAsksForIt) {
  TearDown();
  host_.Configure("agent.0.start_on", {"unlocked"});
  ASSERT_EQ(Start(), "");
  NewLogonScreen("1");
  sessions_.at("1").locked = usher::Locked::kYes;  // The lock may be told of before or after it.
  LogsOn("1", "anna");
  Locks("1");
  GoOn();
  EXPECT_EQ(Trays("1"), 0);
  Unlocks("1");
  EXPECT_EQ(Trays("1"), 1);
}

}  // namespace
