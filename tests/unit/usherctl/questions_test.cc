#include <filesystem>
#include <memory>

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

#include "control/server.h"
#include "tests/support/temp_directory.h"
#include "tests/unit/usherctl/captured.h"
#include "tests/unit/usherctl/events.h"
#include "usherctl/agents.h"
#include "usherctl/emit.h"
#include "usherctl/plugins.h"
#include "usherctl/plugins_trace.h"
#include "usherctl/reload.h"
#include "usherctl/sessions.h"
#include "usherctl/status.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

class SilentDiagnostics final : public Diagnostics {
 public:
  void Log(Severity, std::string_view, std::string_view) noexcept override {}
};

class SettableBackend final : public ControlBackend {
 public:
  Status EnablePlugin(const std::string& instance, const Peer& by) override {
    return ReleasePlugin(instance, by);
  }
  Status DisablePlugin(const std::string& instance, const Peer& by) override {
    return ReleasePlugin(instance, by);
  }
  Status ReloadPlugin(const std::string& instance, const Peer& by) override {
    return ReleasePlugin(instance, by);
  }
  Result<ReloadResult> Reload(const Peer&) override { return reload; }
  Status Emit(const Emission& emission, const Peer&) override {
    if (emission.type == "plugin.failed") return {StatusCode::kPermission, "it is not allowed"};
    return {};
  }
  void NoteRefused(const std::string&, const std::string&, const Peer&) override {}
  /// Two pages, then the end.
  Result<TraceResult> TracePlugin(const std::string& instance, uint64_t after) override {
    if (instance != "bad") return Status(StatusCode::kNotFound, "there is no such instance");
    if (after == 0) return TraceResult{{}, 7, 0};
    if (after != 7) return Status(StatusCode::kStopped, "the broker is stopping");
    return TraceResult{{{1'777'881'612'123'456, "on_event", 17, 250, "ok"},
                        {1'777'881'612'123'999, "init", 0, 2'500'000, "it is\x1b[31m broken"}},
                       9,
                       4};
  }
  StatusResult GetStatus() override { return status; }
  SessionsResult GetSessions() override { return sessions; }
  PluginsResult GetPlugins() override { return plugins; }
  AgentsResult GetAgents() override { return agents; }
  Result<AgentRequestResult> SteerAgents(const std::string& method, const AgentRequest& request,
                                         const Peer&) override {
    if (request.agent != "tray") return Status(StatusCode::kNotFound, "there is no such agent");
    steered = method + " " + request.agent + " in [" + request.session + "] of [" +
              request.instance + "]";
    if (!request.instance.empty()) return AgentRequestResult{{request.instance}};
    return AgentRequestResult{{"agents", "kiosk", "office"}};
  }
  Status ReleasePlugin(const std::string& instance, const Peer&) override {
    if (instance == "bad") return {};
    return {StatusCode::kNotFound, "there is no instance '" + instance + "'"};
  }

  StatusResult status;
  SessionsResult sessions;
  PluginsResult plugins;
  AgentsResult agents;
  std::string steered;
  ReloadResult reload;
};

// The commands that ask a running broker, against a real socket.
class AQuestion : public ::testing::Test {
 protected:
  void Serve() {
    auto listener = Listen(socket_);
    ASSERT_TRUE(listener.ok()) << listener.status().message();
    server_ = std::make_unique<ControlServer>(std::move(listener).value(), backend_, diagnostics_);
    ASSERT_TRUE(server_->Start().ok());
  }
  [[nodiscard]] AskOptions Options(bool json = false) const { return {socket_, json}; }
  [[nodiscard]] std::string Out() const { return captured_.out.str(); }
  [[nodiscard]] std::string Err() const { return captured_.err.str(); }

  const testing::TempDirectory directory_;
  const std::string socket_ = directory_ / "control.sock";
  SettableBackend backend_;
  SilentDiagnostics diagnostics_;
  std::unique_ptr<ControlServer> server_;
  testing::Captured captured_;
};

StatusResult SomeStatus() {
  StatusResult status;
  status.version = "0.1.0";
  status.pid = 812;
  status.started_us = testing::kMorning;
  status.source = "logind";
  status.source_state = "connected";
  status.source_since_us = testing::kMorning;
  status.log_directory = "/var/log/usher";
  status.last_seq = 4711;
  status.sessions = 3;
  status.plugins_running = 2;
  return status;
}

TEST_F(AQuestion, ForTheStatusIsAnsweredForPeople) {
  backend_.status = SomeStatus();
  Serve();
  EXPECT_EQ(RunStatus(Options(), captured_.streams), kExitDone);
  EXPECT_EQ(Out(),
            "usherd    0.1.0, process 812, since 2026-05-04 08:00:12 UTC\n"
            "source    logind, connected since 2026-05-04 08:00:12 UTC\n"
            "log       /var/log/usher, last event 4711\n"
            "sessions  3\n"
            "plugins   2 running\n"
            "health    good\n");
}

TEST_F(AQuestion, ForTheStatusShowsTrouble) {
  backend_.status = SomeStatus();
  backend_.status.source_state = "lost";
  backend_.status.log_degraded = true;
  backend_.status.log_unwritten = 7;
  backend_.status.log_trouble = "the disk\nis full";
  backend_.status.plugins_failed = 1;
  backend_.status.trouble = {"the source is\nlost"};
  backend_.status.losses = {"3 events"};
  Serve();
  captured_.streams.colour = true;
  EXPECT_EQ(RunStatus(Options(), captured_.streams), kExitFailed);
  EXPECT_THAT(Out(), HasSubstr("logind, \x1b[31mlost\x1b[0m since 2026"));
  EXPECT_THAT(Out(), HasSubstr("3 events\n"));
  EXPECT_THAT(Out(), HasSubstr("\x1b[31mthe source is\\nlost\x1b[0m\n"));
  EXPECT_THAT(Out(), HasSubstr("last event 4711, \x1b[31mdegraded: 7 unwritten\x1b[0m, \x1b[31mthe "
                               "disk\\nis full\x1b[0m\n"));
  EXPECT_THAT(Out(), HasSubstr("2 running, \x1b[31m1 failed\x1b[0m\n"));
}

TEST_F(AQuestion, ForTheStatusIsAnsweredForPrograms) {
  backend_.status = SomeStatus();
  Serve();
  EXPECT_EQ(RunStatus(Options(true), captured_.streams), kExitDone);
  EXPECT_EQ(Out().find('\n'), Out().size() - 1);
  EXPECT_EQ(boost::json::parse(Out()).at("log").at("last_seq"), 4711);
  backend_.status.trouble = {"it is on fire"};
  EXPECT_EQ(RunStatus(Options(true), captured_.streams), kExitFailed);
}

TEST_F(AQuestion, ForTheAgentsIsATable) {
  backend_.agents.agents = {
      {"agents", "tray", "2", "running", 812, 1, "it was ended by signal 9", "", 0},
      {"agents", "tray", "17", "backing off", 0, 4, "", "it\ndied", testing::kMorning}};
  Serve();
  EXPECT_EQ(RunAgents(Options(), captured_.streams), kExitDone);
  EXPECT_EQ(
      Out(),
      "AGENT  SESSION  STATE        PID  RESTARTS  LAST EXIT                 NEXT TRY (UTC)     "
      "  WHY\n"
      "tray   2        running      812  1         it was ended by signal 9  -                  "
      "  -\n"
      "tray   17       backing off  -    4         -                         2026-05-04 08:00:12"
      "  it\\ndied\n");
}

TEST_F(AQuestion, ForTheAgentsOfSeveralPluginsNamesThem) {
  backend_.agents.agents = {{"agents", "tray", "2", "running", 812, 0, "", "", 0},
                            {"office", "tray", "2", "running", 813, 0, "", "", 0}};
  Serve();
  EXPECT_EQ(RunAgents(Options(), captured_.streams), kExitDone);
  EXPECT_EQ(Out(),
            "INSTANCE  AGENT  SESSION  STATE    PID  RESTARTS  LAST EXIT  NEXT TRY (UTC)  WHY\n"
            "agents    tray   2        running  812  0         -          -               -\n"
            "office    tray   2        running  813  0         -          -               -\n");
}

TEST_F(AQuestion, MayBeThatAnAgentIsStopped) {
  Serve();
  EXPECT_EQ(RunAgentsVerb(Options(), "stop", {"tray", "2", "office"}, captured_.streams),
            kExitDone);
  EXPECT_EQ(backend_.steered, "agents.stop tray in [2] of [office]");
  EXPECT_EQ(Out(), "tray: asked to stop; usherctl agents shows what comes of it\n");
}

TEST_F(AQuestion, MayBeThatAllAgentsOfOneNameAreStopped) {
  Serve();
  EXPECT_EQ(RunAgentsVerb(Options(), "stop", {"tray", "", ""}, captured_.streams), kExitDone);
  EXPECT_EQ(backend_.steered, "agents.stop tray in [] of []");
  EXPECT_EQ(Out(),
            "tray: asked to stop, by agents, kiosk and office; usherctl agents shows what comes of "
            "it\n");
}

TEST_F(AQuestion, AboutAnAgentThatThereIsNotFails) {
  Serve();
  EXPECT_NE(RunAgentsVerb(Options(), "reset", {"tablet", "", ""}, captured_.streams), kExitDone);
  EXPECT_THAT(Err(), HasSubstr("there is no such agent"));
}

TEST_F(AQuestion, ForTheSessionsIsATable) {
  SessionFacts remote = testing::AlicesSession().Facts();
  remote.id = "17";
  remote.seat.clear();
  remote.tty = "pts/0";
  remote.remote = true;
  remote.remote_host = "192.0.2.7";
  remote.locked = Locked::kUnknown;
  remote.logon_time_us = testing::kMorning;
  backend_.sessions.sessions = {testing::AlicesSession(), remote};
  Serve();
  EXPECT_EQ(RunSessions(Options(), captured_.streams), kExitDone);
  EXPECT_EQ(Out(),
            "ID  USER   UID   CLASS  TYPE  SEAT   WHERE           STATE   LOCKED   SINCE (UTC)\n"
            "2   alice  1000  user   tty   seat0  tty2            active  no       -\n"
            "17  alice  1000  user   tty   -      from 192.0.2.7  active  unknown  2026-05-04 "
            "08:00:12\n");
}

TEST_F(AQuestion, ForTheSessionsKeepsOneLineEachWhateverTheNames) {
  for (const std::string& name :
       {std::string("a\nb"), std::string("\"quoted\""), std::string(10'000, 'x'),
        std::string("a\xff\xfe"), std::string("\x1b]0;title\x07")}) {
    SessionFacts session = testing::AlicesSession().Facts();
    session.user = name;
    session.remote = true;
    session.remote_host = name;
    backend_.sessions.sessions.emplace_back(session);
  }
  Serve();
  EXPECT_EQ(RunSessions(Options(), captured_.streams), kExitDone);
  const std::string text = Out();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
  EXPECT_EQ(text.find_first_of("\x1b\x07\xff"), std::string::npos);
  EXPECT_THAT(text, HasSubstr(std::string(31, 'x') + "…  1000"));
}

TEST_F(AQuestion, ForThePluginsIsATable) {
  backend_.plugins.plugins = {
      {"presence", "running", "org.usher.presence", "0.1.0", "/x/presence.so", 0, 4711, 0, ""},
      {"broken", "failed", "", "", "/x/broken.so", 0, 0, 0, "/x/broken.so has no entry",
       1'777'881'612'000'000}};
  Serve();
  EXPECT_EQ(RunPlugins(Options(), captured_.streams), kExitDone);
  EXPECT_EQ(
      Out(),
      "NAME      STATE    ID                  VERSION  STRIKES  LAG  QUARANTINED SINCE (UTC)  "
      "LAST ERROR\n"
      "presence  running  org.usher.presence  0.1.0    0        0    -                        -\n"
      "broken    failed   -                   -        0        0    2026-05-04 08:00:12      "
      "/x/broken.so has no entry\n");
}

TEST_F(AQuestion, ReleasesAPlugin) {
  Serve();
  EXPECT_EQ(RunPluginsRelease(Options(), "bad", captured_.streams), kExitDone);
  EXPECT_EQ(Out(), "bad is released; it goes on at the log's end\n");
  EXPECT_EQ(RunPluginsRelease(Options(), "gone", captured_.streams), kExitFailed);
  EXPECT_THAT(Err(), HasSubstr("there is no instance 'gone'"));
}

TEST_F(AQuestion, SteersAPlugin) {
  Serve();
  EXPECT_EQ(RunPluginsEnable(Options(), "bad", captured_.streams), kExitDone);
  EXPECT_EQ(RunPluginsDisable(Options(), "bad", captured_.streams), kExitDone);
  EXPECT_EQ(RunPluginsReload(Options(), "bad", captured_.streams), kExitDone);
  EXPECT_EQ(Out(),
            "bad is enabled; it goes on at the log's end\n"
            "bad is disabled, until usherctl plugins enable, also when the broker starts again\n"
            "bad is reloaded; it goes on where it was\n");
  EXPECT_EQ(RunPluginsReload(Options(), "gone", captured_.streams), kExitFailed);
}

TEST_F(AQuestion, ShowsWhatAReloadHasChanged) {
  Serve();
  backend_.reload = {{}, {"new"}, {"it"}, {"old"}, {}, {"log.sync"}};
  EXPECT_EQ(RunReload(Options(), captured_.streams), kExitDone);
  EXPECT_EQ(Out(),
            "the configuration is reloaded\nstarted    new\nrestarted  it\nstopped    old\n"
            "takes a restart of usherd: log.sync\n");
}

TEST_F(AQuestion, EndsAReloadWithOneWhereAnInstanceIsNotUp) {
  Serve();
  backend_.reload = {{}, {"new"}, {}, {}, {{"new", "init said \x1b[31mno"}}, {}};
  EXPECT_EQ(RunReload(Options(), captured_.streams), kExitFailed);
  EXPECT_EQ(Err(), "usherctl: new: init said \\x1B[31mno\n");
  EXPECT_EQ(RunReload(Options(true), captured_.streams), kExitFailed);
}

TEST_F(AQuestion, ShowsEveryErrorOfAConfigurationThatIsRejected) {
  Serve();
  backend_.reload.errors = {"a.toml:1:2: one", "a.toml:3:4: two"};
  EXPECT_EQ(RunReload(Options(), captured_.streams), kExitFailed);
  EXPECT_EQ(Out(), "");
  EXPECT_EQ(Err(),
            "a.toml:1:2: one\na.toml:3:4: two\n"
            "usherctl: the configuration is not reloaded, nothing was changed\n");
  EXPECT_EQ(RunReload(Options(true), captured_.streams), kExitFailed);
}

TEST_F(AQuestion, ShowsTheCallsIntoAPluginUntilTheBrokersEnd) {
  Serve();
  const auto never = [] { return false; };
  EXPECT_EQ(RunPluginsTrace(Options(), "bad", captured_.streams, never), kExitFailed);
  EXPECT_EQ(Out(),
            "TIME (UTC)       CALL          SEQ         DURATION     RESULT\n"
            "-- 4 calls were too fast to be shown\n"
            "08:00:12.123456  on_event      17          250 us       ok\n"
            "08:00:12.123999  init          -           2.500 s      it is\\x1B[31m broken\n");
  EXPECT_THAT(Err(), HasSubstr("the broker is stopping"));
}

TEST_F(AQuestion, ShowsTheCallsIntoAPluginForPrograms) {
  Serve();
  int asked = 0;
  const auto twice = [&asked] { return asked++ == 2; };
  EXPECT_EQ(RunPluginsTrace(Options(true), "bad", captured_.streams, twice), kExitDone);
  EXPECT_THAT(Out(), HasSubstr(R"("call":"on_event","seq":17,"duration_us":250,"result":"ok"})"));
  EXPECT_THAT(Out(), HasSubstr(R"("call":"init","seq":null)"));
  EXPECT_THAT(Out(), ::testing::StartsWith("{\"lost\":4}\n"));
}

TEST_F(AQuestion, FindsNoBroker) {
  for (const auto run : {RunStatus, RunSessions, RunPlugins}) {
    EXPECT_EQ(run(Options(), captured_.streams), kExitNotReachable);
  }
  EXPECT_EQ(Out(), "");
  EXPECT_THAT(Err(), HasSubstr(socket_));
  EXPECT_THAT(Err(), HasSubstr("is usherd running?"));
}

TEST_F(AQuestion, FindsABrokerThatIsTooBusy) {
  auto listener = Listen(socket_);
  ASSERT_TRUE(listener.ok());
  server_ = std::make_unique<ControlServer>(std::move(listener).value(), backend_, diagnostics_,
                                            ControlLimits{.connections = 0});
  ASSERT_TRUE(server_->Start().ok());
  EXPECT_EQ(RunStatus(Options(), captured_.streams), kExitNotReachable);
  EXPECT_THAT(Err(), HasSubstr("no more are allowed"));
}

TEST_F(AQuestion, TellsPluginsOfWhatDidNotHappen) {
  Serve();
  EXPECT_EQ(RunEmit(Options(), {"session.locked", "2", "", {}}, captured_.streams), kExitDone);
  EXPECT_EQ(Out(), "session.locked is told to the plugins, marked as injected\n");
  EXPECT_EQ(RunEmit(Options(), {"plugin.failed", "", "", {}}, captured_.streams),
            kExitNotPermitted);
  EXPECT_NE(Err().find("it is not allowed"), std::string::npos) << Err();
}

}  // namespace
}  // namespace broker
