// The agents plugin on a scripted broker: who runs where, and what becomes of it.
#include "supervisor.h"

#include "desk.h"

namespace {

using agents::testing::Desk;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using usher::EventType;

class Agents : public Desk {
 protected:
  void Begin() { ASSERT_EQ(Start(), ""); }
};

TEST_F(Agents, AreLaunchedAsTheyAreConfigured) {
  const std::string agent = AddAgent("tray");
  host_.Configure(agent + "args",
                  {"--user=${session.user}", "$${x}", "${session.id}/${session.seat}"});
  host_.Configure(agent + "environment", {"WHERE=${session.display}", "EMPTY="});
  host_.Configure(agent + "directory", "/srv");
  host_.Configure(agent + "limits.memory", "64 MiB");
  host_.Configure(agent + "limits.tasks", 10);
  host_.Configure(agent + "limits.cpu_percent", 50);
  host_.Configure(agent + "ready_when", {"display", "user_bus"});
  host_.Configure(agent + "ready_timeout", "1 min");
  host_.Configure(agent + "on_broker_exit", "stop");
  host_.Configure(agent + "stop", "9 s");
  host_.Configure(agent + "token", "elevated");
  host_.Configure(agent + "desktop", "winlogon");
  Begin();
  New("1", "anna").display = ":3";
  ConsoleConnects("1");
  EXPECT_THAT(There(), IsEmpty()) << "not before the logon";
  LogsOn("1", "anna");
  ASSERT_EQ(host_.Launches().size(), 1U);
  const auto launch = host_.Launches().front();
  EXPECT_EQ(launch.program, "/opt/tray");
  EXPECT_EQ(launch.session_id, "1");
  EXPECT_THAT(launch.arguments, ElementsAre("--user=anna", "${x}", "1/seat0"));
  EXPECT_THAT(launch.variables, ElementsAre(Pair("EMPTY", ""), Pair("WHERE", ":3")));
  EXPECT_EQ(launch.directory, "/srv");
  EXPECT_EQ(launch.limits.memory_bytes, 64U << 20U);
  EXPECT_EQ(launch.limits.tasks, 10U);
  EXPECT_EQ(launch.limits.open_files, 0U);
  EXPECT_EQ(launch.limits.cpu_percent, 50U);
  EXPECT_EQ(launch.ready_when, USHER_READY_DISPLAY | USHER_READY_USER_BUS);
  EXPECT_EQ(launch.ready_timeout_us, 60'000'000);
  EXPECT_FALSE(launch.keep);
  EXPECT_EQ(launch.stop_time_us, 9'000'000);
  EXPECT_EQ(launch.token, USHER_TOKEN_ELEVATED);
  EXPECT_EQ(launch.desktop, USHER_DESKTOP_WINLOGON);
  EXPECT_EQ(launch.scope, USHER_SCOPE_SESSION);
}

TEST_F(Agents, ThatWaitForWhatTheyNeedSaySo) {
  AddAgent("plain");
  host_.Configure(AddAgent("tray") + "ready_when", {"display"});
  Begin();
  Here("1", "anna");
  EXPECT_EQ(host_.Described("tray", "1")->reason,
            "it starts once all that ready_when names is there");
  EXPECT_EQ(host_.Described("plain", "1")->reason, "");
  GoOn();
  EXPECT_EQ(host_.Described("tray", "1")->reason, "");
}

TEST_F(Agents, OutliveTheBrokerIfNobodySaysOtherwise) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  ASSERT_EQ(host_.Launches().size(), 1U);
  EXPECT_TRUE(host_.Launches().front().keep);
  EXPECT_EQ(host_.Launches().front().stop_time_us, 5'000'000);
}

TEST_F(Agents, OfSessionsThatAreThereAlreadyAreLaunchedAndOnlyThenTheOthersAreEnded) {
  AddAgent("tray");
  host_.sessions = {usher::testing::UserSession("anna", "4")};
  EXPECT_EQ(host_.Settled(), 0);
  Begin();
  EXPECT_THAT(There(), ElementsAre("tray@4"));
  EXPECT_EQ(host_.Settled(), 1);
  driver_->Snapshot(usher::SnapshotReason::kSkipped);
  EXPECT_THAT(There(), ElementsAre("tray@4"));
}

TEST_F(Agents, OfASessionThatVanishedUnseenAreStopped) {
  AddAgent("tray");
  host_.sessions = {usher::testing::UserSession("anna", "4")};
  Begin();
  host_.sessions.clear();
  driver_->Snapshot(usher::SnapshotReason::kSkipped);
  EXPECT_THAT(There(), ElementsAre("tray@4 stopping"));
}

TEST_F(Agents, AreNotThereForWhatIsNoUsersSession) {
  AddAgent("tray");
  Begin();
  for (const char* const name : {"greeter", "background", "manager", "lock-screen"}) {
    auto& session = New(name, "anna");
    session.session_class = name;
    session.state = usher::SessionState::kOnline;
    Created(name);
    ConsoleConnects(name);
  }
  EXPECT_THAT(There(), IsEmpty());
  EXPECT_THAT(host_.Described(), SizeIs(1)) << "nor is anything said of them";
  EXPECT_EQ(host_.Described("tray", "")->reason, "no session is to have it");
}

TEST_F(Agents, ThatNobodyHasAreShownUntilSomebodyDoes) {
  AddAgent("tray");
  Begin();
  EXPECT_EQ(host_.Described("tray", "")->state, USHER_AGENT_WAITING);
  Here("1", "anna");
  EXPECT_EQ(host_.Described("tray", "")->state, USHER_AGENT_GONE);
  LogsOff("1");
  Goes("1");
  GoOn();
  EXPECT_EQ(host_.Described("tray", "")->state, USHER_AGENT_WAITING);
}

TEST_F(Agents, AreNotLaunchedTwiceForWhatChangesNothing) {
  AddAgent("tray");
  Begin();
  Here("1", "anna");
  GoOn();
  for (const auto type : {EventType::kSessionLogon, EventType::kSessionConnected,
                          EventType::kSessionLocked, EventType::kSessionUnlocked,
                          EventType::kSessionUnlockRequested, EventType::kConsoleSwitched}) {
    Tell(type, "1");
  }
  EXPECT_THAT(There(), ElementsAre("tray@1"));
  EXPECT_EQ(Launched(), 1U);
}

TEST_F(Agents, AreMovedByWhatTheSystemSaysOnly) {
  AddAgent("tray");
  Begin();
  New("1", "anna").state = usher::SessionState::kActive;
  auto event = usher::testing::MakeEvent(EventType::kSessionLogon, sessions_.at("1"));
  for (const auto origin :
       {usher::Origin::kInjected, usher::Origin::kPlugin, usher::Origin::kBroker}) {
    event.origin = origin;
    Deliver(event);
  }
  EXPECT_THAT(There(), IsEmpty());
  for (const auto origin :
       {usher::Origin::kOs, usher::Origin::kReconciled, usher::Origin::kRecorded}) {
    event.origin = origin;
    event.session->key += "x";
    event.session->id += "x";
    Deliver(event);
  }
  EXPECT_EQ(There().size(), 3U);
}

TEST_F(Agents, TakeNoHeedOfEventsThatTheSnapshotIncludes) {
  AddAgent("tray");
  auto session = usher::testing::UserSession("anna", "4");
  host_.sessions = {session};
  driver_.emplace(host_);
  driver_->CheckConfig();
  driver_->Init();
  const usher::testing::RawSnapshot snapshot(host_.sessions, 100);
  driver_->Snapshot(snapshot.raw());
  session.state = usher::SessionState::kClosing;
  auto event = usher::testing::MakeEvent(EventType::kSessionLogoff, session);
  event.seq = 100;
  Deliver(event);
  EXPECT_THAT(There(), ElementsAre("tray@4"));
  event.seq = 101;
  Deliver(event);
  EXPECT_THAT(There(), ElementsAre("tray@4 stopping"));
}

TEST_F(Agents, FollowTheLock) {
  const std::string agent = AddAgent("tray");
  host_.Configure(agent + "start_on", {"unlocked"});
  host_.Configure(agent + "stop_on", {"locked"});
  Begin();
  Here("1", "anna");
  EXPECT_THAT(There(), ElementsAre("tray@1"));
  Locks("1");
  EXPECT_THAT(There(), ElementsAre("tray@1 stopping"));
  GoOn();
  EXPECT_EQ(State("tray", "1"), USHER_AGENT_WAITING);
  Unlocks("1");
  EXPECT_THAT(There(), ElementsAre("tray@1"));
}

TEST_F(Agents, AreNeitherStartedNorStoppedByALockThatNobodyKnows) {
  const std::string agent = AddAgent("tray");
  host_.Configure(agent + "stop_on", {"locked"});
  Begin();
  Here("1", "anna");
  GoOn();
  sessions_.at("1").locked = usher::Locked::kUnknown;
  Tell(EventType::kSessionConnected, "1");
  EXPECT_THAT(There(), ElementsAre("tray@1"));
  Here("2", "berta");
  Locks("2");
  GoOn();
  sessions_.at("2").locked = usher::Locked::kUnknown;
  Tell(EventType::kSessionConnected, "2");
  EXPECT_THAT(There(), ElementsAre("tray@1"));
  Restart();
  EXPECT_THAT(There(), ElementsAre("tray@1")) << "what was is remembered";
}

TEST_F(Agents, MayTakeAnUnknownLockForOneOrForNone) {
  for (const bool locked : {true, false}) {
    const std::string agent = AddAgent(locked ? "shy" : "bold");
    host_.Configure(agent + "stop_on", {"locked"});
    host_.Configure(agent + "unknown_lock", locked ? "locked" : "unlocked");
  }
  Begin();
  New("1", "anna").locked = usher::Locked::kUnknown;
  LogsOn("1", "anna");
  EXPECT_THAT(There(), ElementsAre("bold@1"));
}

TEST_F(Agents, StopWhenDisconnectedWhereThatIsWanted) {
  host_.Configure(AddAgent("tray") + "disconnected", "stop");
  Begin();
  Here("1", "anna");
  GoOn();
  Disconnects("1");
  EXPECT_THAT(There(), ElementsAre("tray@1 stopping"));
  GoOn();
  ConsoleConnects("1");
  EXPECT_THAT(There(), ElementsAre("tray@1"));
}

TEST_F(Agents, ThatWaitForAConnectionStayOnceItHasBeenThere) {
  host_.Configure(AddAgent("tray") + "start_on", {"connected"});
  Begin();
  New("1", "anna");
  LogsOn("1", "anna");
  EXPECT_THAT(There(), IsEmpty());
  EXPECT_THAT(host_.Described("tray", "1")->reason, HasSubstr("until its session is connected"));
  ConsoleConnects("1");
  GoOn();
  Disconnects("1");
  EXPECT_THAT(There(), ElementsAre("tray@1"));
  Restart();
  EXPECT_THAT(There(), ElementsAre("tray@1")) << "it is asked for, and so found again";
  LogsOff("1");
  Goes("1");
  EXPECT_THAT(host_.storage["begun"], IsEmpty()) << "nothing is kept of who is gone";
}

TEST_F(Agents, OfAUserAreOneHoweverOftenTheyAreLoggedOn) {
  host_.Configure(AddAgent("sync") + "scope", "user");
  Begin();
  Here("1", "anna");
  GoOn();
  Here("2", "anna");
  Here("3", "berta");
  EXPECT_THAT(There(), ElementsAre("sync@1", "sync@3"));
  EXPECT_EQ(host_.Launches().front().scope, USHER_SCOPE_USER);
  GoOn();
  LogsOff("1");
  Goes("1");
  EXPECT_THAT(There(), ElementsAre("sync@1", "sync@3")) << "it is the user's, who is still here";
  EXPECT_EQ(State("sync", "1"), USHER_AGENT_GONE);
  EXPECT_EQ(State("sync", "2"), USHER_AGENT_RUNNING);
  Ends("sync");
  driver_->Advance(seconds(1));
  EXPECT_THAT(There(), ElementsAre("sync@3", "sync@2"));
  LogsOff("2");
  EXPECT_THAT(There(), ElementsAre("sync@3", "sync@2 stopping"));
}

TEST_F(Agents, OfTheConsoleFollowItOneAtATime) {
  host_.Configure(AddAgent("vnc") + "scope", "console");
  Begin();
  Here("1", "anna");
  GoOn();
  Disconnects("1");
  Here("2", "berta");
  EXPECT_THAT(There(), ElementsAre("vnc@1 stopping")) << "the first one is not gone yet";
  GoOn();
  EXPECT_THAT(There(), ElementsAre("vnc@2"));
  EXPECT_EQ(State("vnc", "1"), USHER_AGENT_GONE);
  EXPECT_EQ(host_.Launches().front().stop_time_us, 1'000'000) << "somebody waits for its place";
}

TEST_F(Agents, OfTheConsoleOutliveAQuickSwitchToAndFro) {
  host_.Configure(AddAgent("vnc") + "scope", "console");
  Begin();
  Here("1", "anna");
  GoOn();
  Here("2", "berta");
  Disconnects("2");
  GoOn();
  EXPECT_THAT(There(), ElementsAre("vnc@1"));
}

TEST_F(Agents, OfTheLogonScreenMakeWayForTheUsersOwn) {
  const std::string agent = AddAgent("vnc");
  host_.Configure(agent + "start_on", {"logon_screen", "logon"});
  Begin();
  NewGreeter("c1");
  Created("c1");
  ConsoleConnects("c1");
  GoOn();
  EXPECT_THAT(There(), ElementsAre("vnc@c1"));
  Disconnects("c1");
  EXPECT_THAT(There(), ElementsAre("vnc@c1")) << "no gap while the user's session opens";
  New("2", "anna");
  Created("2");
  ConsoleConnects("2");
  EXPECT_THAT(There(), ElementsAre("vnc@c1"));
  LogsOn("2", "anna");
  EXPECT_THAT(There(), ElementsAre("vnc@c1 stopping", "vnc@2"));
  EXPECT_EQ(host_.Launches().front().stop_time_us, 1'000'000) << "nor a long overlap";
  GoOn();
  Goes("c1");
  EXPECT_THAT(There(), ElementsAre("vnc@2"));
  LogsOff("2");
  Goes("2");
  NewGreeter("c2");
  Created("c2");
  GoOn();
  EXPECT_THAT(There(), ElementsAre("vnc@c2"));
}

TEST_F(Agents, OfTheLogonScreenComeBackWhenItIsSwitchedTo) {
  host_.Configure(AddAgent("vnc") + "start_on", {"logon_screen"});
  Begin();
  NewGreeter("c1");
  ConsoleConnects("c1");
  GoOn();
  Disconnects("c1");
  Here("2", "anna");
  GoOn();
  EXPECT_THAT(There(), IsEmpty());
  Disconnects("2");
  ConsoleConnects("c1");
  EXPECT_THAT(There(), ElementsAre("vnc@c1"));
}

TEST_F(Agents, AreOnlyInTheSessionsThatTheyAreFor) {
  host_.Configure(AddAgent("class") + "sessions.class", {"user-early"});
  host_.Configure(AddAgent("type") + "sessions.type", {"x11", "way*"});
  host_.Configure(AddAgent("any") + "sessions.type", {"wa?lan?"});
  host_.Configure(AddAgent("more") + "sessions.type", {"wayland?"});
  host_.Configure(AddAgent("tty") + "sessions.type", {"tty"});
  host_.Configure(AddAgent("seat") + "sessions.seat", {"seat1"});
  host_.Configure(AddAgent("remote") + "sessions.via", "remote");
  host_.Configure(AddAgent("console") + "sessions.via", "console");
  host_.Configure(AddAgent("anna") + "sessions.user", Texts{UserId("anna")});
  host_.Configure(AddAgent("berta") + "sessions.user", Texts{UserId("berta")});
  Begin();
  Here("1", "anna");
  EXPECT_THAT(There(), ElementsAre("type@1", "any@1", "console@1", "anna@1"));
}

}  // namespace
