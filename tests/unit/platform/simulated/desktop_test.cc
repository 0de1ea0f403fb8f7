#include "platform/simulated/desktop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/platform/simulated/reports.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kNoon;
using testing::Reports;

LogonRequest By(const std::string& user) {
  LogonRequest request;
  request.user = user;
  return request;
}

LogonRequest RemoteBy(const std::string& user) {
  LogonRequest request = By(user);
  request.remote = true;
  request.remote_host = "192.0.2.7";
  return request;
}

/// A desktop whose reports are watched.
struct Watched : ::testing::Test {
  Watched() {
    desktop.Attach(reports);
    reports.Take();
  }
  ~Watched() override { desktop.Detach(); }

  /// Logs on, and passes over the reports.
  std::string LogOn(const LogonRequest& request) {
    Result<std::string> id = desktop.Logon(request);
    EXPECT_TRUE(id.ok()) << id.status().message();
    reports.Take();
    return id.ok() ? id.value() : "";
  }

  Reports reports;
  SimulatedDesktop desktop{kNoon};
};

using ADesktop = Watched;

TEST(AnAttachedSink, GetsASnapshotFirst) {
  Reports reports;
  SimulatedDesktop desktop(kNoon);
  ASSERT_TRUE(desktop.Logon(By("alice")).ok());
  desktop.Attach(reports);
  const std::vector<RawEvent> told = reports.TakeAll();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].reason, "start");
  EXPECT_EQ(told[0].time, kNoon);
  ASSERT_EQ(told[0].sessions.size(), 1U);
  EXPECT_EQ(told[0].seats, (SeatMap{{"seat0", "1"}}));
}

TEST(ADetachedSink, HearsNothing) {
  Reports reports;
  SimulatedDesktop desktop(kNoon);
  desktop.Attach(reports);
  desktop.Detach();
  reports.Take();
  ASSERT_TRUE(desktop.Logon(By("alice")).ok());
  EXPECT_THAT(reports.Take(), IsEmpty());
}

TEST_F(ADesktop, ReportsALogonAsLogindDoes) {
  EXPECT_TRUE(desktop.Logon(By("alice")).ok());
  EXPECT_THAT(reports.Take(), ElementsAre("session 1 opening in front", "seat seat0 1",
                                          "session 1 active in front"));
  EXPECT_TRUE(desktop.Logon(By("bob")).ok());
  EXPECT_THAT(reports.Take(), ElementsAre("session 1 online", "session 2 opening in front",
                                          "seat seat0 2", "session 2 active in front"));
}

TEST_F(ADesktop, ChoosesWhatALogonLeavesOpen) {
  LogOn(By("alice"));
  LogOn(RemoteBy("bob"));
  LogOn(By("alice"));
  const RawEvent all = desktop.Snapshot("");
  ASSERT_EQ(all.sessions.size(), 3U);
  EXPECT_EQ(all.sessions[0].UserId(), "1001");
  EXPECT_EQ(all.sessions[0].Tty(), "tty2");
  EXPECT_EQ(all.sessions[1].UserId(), "1002");
  EXPECT_EQ(all.sessions[1].Tty(), "pts/0");
  EXPECT_EQ(all.sessions[1].Seat(), "");
  EXPECT_EQ(all.sessions[1].RemoteHost(), "192.0.2.7");
  EXPECT_EQ(all.sessions[2].UserId(), "1001");
  EXPECT_EQ(all.sessions[2].Tty(), "tty3");
}

TEST_F(ADesktop, GivesEverySessionATimeOfCreationOfItsOwn) {
  LogonRequest request = By("alice");
  request.id = "c1";
  LogOn(request);
  const int64_t first = desktop.Snapshot("").sessions[0].created_us;
  EXPECT_EQ(first, kNoon.monotonic_us);
  EXPECT_TRUE(desktop.Logoff("c1").ok());
  LogOn(request);
  EXPECT_GT(desktop.Snapshot("").sessions[0].created_us, first);
}

TEST_F(ADesktop, LogsOnInTheBackgroundWhenAsked) {
  LogOn(By("alice"));
  LogonRequest request = By("bob");
  request.foreground = false;
  EXPECT_TRUE(desktop.Logon(request).ok());
  EXPECT_THAT(reports.Take(), ElementsAre("session 2 opening", "session 2 online"));
}

TEST_F(ADesktop, HasASeatFromItsFirstSessionOn) {
  LogonRequest request = By("alice");
  request.seat = "seat1";
  request.foreground = false;
  LogOn(request);
  EXPECT_EQ(desktop.Snapshot("").seats, (SeatMap{{"seat0", ""}, {"seat1", ""}}));
}

TEST_F(ADesktop, ReportsARemovalBeforeTheEmptySeat) {
  LogOn(By("alice"));
  EXPECT_TRUE(desktop.Logoff("1").ok());
  EXPECT_THAT(reports.Take(), ElementsAre("removed 1", "seat seat0 "));
}

TEST_F(ADesktop, LeavesTheSeatAloneWhenABackgroundSessionEnds) {
  LogOn(By("alice"));
  LogOn(By("bob"));
  EXPECT_TRUE(desktop.Logoff("1").ok());
  EXPECT_THAT(reports.Take(), ElementsAre("removed 1"));
}

TEST_F(ADesktop, KeepsASessionWithProcessesClosing) {
  LogOn(By("alice"));
  EXPECT_TRUE(desktop.LeaveProcesses("1").ok());
  EXPECT_THAT(reports.Take(), ElementsAre("session 1 closing in front"));
  EXPECT_TRUE(desktop.SwitchAway("seat0").ok());
  EXPECT_THAT(reports.Take(), ElementsAre("session 1 closing", "seat seat0 "));
  EXPECT_TRUE(desktop.Logoff("1").ok());
  EXPECT_THAT(reports.Take(), ElementsAre("removed 1"));
}

TEST_F(ADesktop, ReportsLocksAsEdges) {
  LogOn(By("alice"));
  EXPECT_TRUE(desktop.Lock("1").ok());
  EXPECT_TRUE(desktop.Lock("1").ok());
  EXPECT_TRUE(desktop.Unlock("1").ok());
  EXPECT_THAT(reports.Take(),
              ElementsAre("session 1 active in front locked yes", "session 1 active in front"));
}

TEST_F(ADesktop, ReportsRequestsEachTime) {
  LogOn(By("alice"));
  EXPECT_TRUE(desktop.RequestLock("1").ok());
  EXPECT_TRUE(desktop.RequestLock("1").ok());
  EXPECT_TRUE(desktop.RequestUnlock("1").ok());
  EXPECT_THAT(reports.Take(),
              ElementsAre("lock requested 1", "lock requested 1", "unlock requested 1"));
}

TEST_F(ADesktop, SwitchesTheConsoleInThreeReports) {
  LogOn(By("alice"));
  LogOn(By("bob"));
  EXPECT_TRUE(desktop.SwitchTo("1").ok());
  EXPECT_THAT(reports.Take(),
              ElementsAre("session 2 online", "session 1 active in front", "seat seat0 1"));
  EXPECT_TRUE(desktop.SwitchTo("1").ok());
  EXPECT_THAT(reports.Take(), IsEmpty());
}

TEST_F(ADesktop, DisconnectsAndReconnectsRemoteTerminals) {
  LogOn(RemoteBy("bob"));
  EXPECT_TRUE(desktop.DisconnectRemote("1").ok());
  EXPECT_TRUE(desktop.DisconnectRemote("1").ok());
  EXPECT_TRUE(desktop.ReconnectRemote("1").ok());
  EXPECT_THAT(reports.Take(), ElementsAre("session 1 online", "session 1 active in front"));
}

TEST_F(ADesktop, GivesASnapshotWhenItWakesUp) {
  LogOn(By("alice"));
  EXPECT_TRUE(desktop.Suspend().ok());
  EXPECT_TRUE(desktop.Resume().ok());
  EXPECT_THAT(reports.Take(), ElementsAre("suspending", "resumed", "snapshot 1 resumed"));
}

TEST_F(ADesktop, DoesNothingWhileItSleepsOrIsDown) {
  LogOn(By("alice"));
  EXPECT_TRUE(desktop.Suspend().ok());
  EXPECT_EQ(desktop.Lock("1").code(), StatusCode::kUnavailable);
  EXPECT_EQ(desktop.Logon(By("bob")).status().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(desktop.Resume().ok());
  EXPECT_FALSE(desktop.Resume().ok());
  EXPECT_TRUE(desktop.ShutDown("reboot").ok());
  reports.Take();
  EXPECT_EQ(desktop.Logoff("1").code(), StatusCode::kUnavailable);
  EXPECT_EQ(desktop.Suspend().code(), StatusCode::kUnavailable);
  EXPECT_EQ(desktop.ShutDown("again").code(), StatusCode::kUnavailable);
  EXPECT_THAT(reports.Take(), IsEmpty());
}

TEST_F(ADesktop, ReportsNothingWhileTheReporterIsLost) {
  LogOn(By("alice"));
  EXPECT_TRUE(desktop.LoseReporter("restart").ok());
  EXPECT_TRUE(desktop.Logon(By("bob")).ok());
  desktop.ReportSnapshot("on request");
  EXPECT_TRUE(desktop.RecoverReporter("restarted", false).ok());
  EXPECT_THAT(reports.Take(), ElementsAre("lost restart", "snapshot 2 restarted"));
  EXPECT_FALSE(desktop.RecoverReporter("again", false).ok());
}

TEST_F(ADesktop, TellsASinkThatComesWhileTheReporterIsLost) {
  EXPECT_TRUE(desktop.LoseReporter("restart").ok());
  desktop.Detach();
  reports.Take();
  desktop.Attach(reports);
  EXPECT_THAT(reports.Take(), ElementsAre("lost the reporter is away"));
}

TEST_F(ADesktop, ForgetsLocksOnlyWhenItsReporterDoes) {
  LogOn(By("alice"));
  LogOn(By("bob"));
  EXPECT_TRUE(desktop.Lock("1").ok());
  EXPECT_TRUE(desktop.LoseReporter("").ok());
  EXPECT_TRUE(desktop.RecoverReporter("", false).ok());
  EXPECT_EQ(desktop.Snapshot("").sessions[0].locked, Locked::kYes);
  EXPECT_TRUE(desktop.LoseReporter("").ok());
  EXPECT_TRUE(desktop.RecoverReporter("", true).ok());
  EXPECT_EQ(desktop.Snapshot("").sessions[0].locked, Locked::kUnknown);
  EXPECT_EQ(desktop.Snapshot("").sessions[1].locked, Locked::kNo);
}

TEST_F(ADesktop, RemembersAForgottenLockWithTheNextLockOrUnlockRequest) {
  LogOn(By("alice"));
  EXPECT_TRUE(desktop.Lock("1").ok());
  EXPECT_TRUE(desktop.LoseReporter("").ok());
  EXPECT_TRUE(desktop.RecoverReporter("", true).ok());
  EXPECT_TRUE(desktop.Unlock("1").ok());
  EXPECT_EQ(desktop.Snapshot("").sessions[0].locked, Locked::kUnknown);
  EXPECT_TRUE(desktop.RequestUnlock("1").ok());
  EXPECT_EQ(desktop.Snapshot("").sessions[0].locked, Locked::kNo);
}

TEST_F(ADesktop, ShowsALogonScreenWhoseSessionBecomesTheUsers) {
  ASSERT_EQ(desktop.ShowLogonScreen("seat0").value(), "1");
  const Session nobodys = desktop.Snapshot("").sessions.at(0);
  EXPECT_EQ(nobodys.state, SessionState::kOpening);
  EXPECT_TRUE(nobodys.active);
  EXPECT_EQ(nobodys.UserId(), "");
  EXPECT_TRUE(desktop.SwitchAway("seat0").ok());
  EXPECT_TRUE(desktop.SwitchTo("1").ok());
  EXPECT_TRUE(desktop.LogOnThere("1", "alice", "").ok());
  const Session theirs = desktop.Snapshot("").sessions.at(0);
  EXPECT_EQ(theirs.state, SessionState::kActive);
  EXPECT_EQ(theirs.UserId(), "1001");
  EXPECT_EQ(theirs.created_us, nobodys.created_us) << "it is the same session";
  EXPECT_EQ(desktop.LogOnThere("1", "bob", "").code(), StatusCode::kInvalid);
}

TEST_F(ADesktop, RefusesWhatCannotBe) {
  EXPECT_EQ(desktop.Lock("9").code(), StatusCode::kNotFound);
  EXPECT_EQ(desktop.Logoff("9").code(), StatusCode::kNotFound);
  EXPECT_EQ(desktop.SwitchAway("seat9").code(), StatusCode::kNotFound);
  EXPECT_EQ(desktop.Logon(By("")).status().code(), StatusCode::kInvalid);
  LogOn(By("alice"));
  LogOn(RemoteBy("bob"));
  EXPECT_EQ(desktop.SwitchTo("2").code(), StatusCode::kInvalid);
  EXPECT_EQ(desktop.DisconnectRemote("1").code(), StatusCode::kInvalid);
  LogonRequest taken = By("carol");
  taken.id = "1";
  EXPECT_EQ(desktop.Logon(taken).status().code(), StatusCode::kExists);
  EXPECT_THAT(desktop.Lock("9").message(), HasSubstr("no session \"9\""));
  EXPECT_THAT(reports.Take(), IsEmpty());
}

}  // namespace
}  // namespace broker
