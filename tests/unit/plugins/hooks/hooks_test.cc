// The hooks plugin on a broker that is scripted: which programs it runs, when, with what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <usher/testing.hpp>

namespace {

using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using usher::EventType;
using usher::testing::Completed;
using usher::testing::EventData;
using usher::testing::MakeEvent;
using usher::testing::RunOutcome;
using usher::testing::SessionData;
using usher::testing::StartedRun;
using usher::testing::UserSession;

class Hooks : public ::testing::Test {
 protected:
  /// Another [[hook]]; sets its keys by what this answers.
  std::string AddHook(const std::string& program, std::initializer_list<const char*> on) {
    const std::string prefix = "hook." + std::to_string(count_++) + ".";
    host_.Configure(prefix + "program", program);
    host_.Configure(prefix + "on", on);
    return prefix;
  }

  /// Why the configuration is refused; empty: it is not.
  std::string Start() {
    driver_.emplace(host_);
    const auto result = driver_->Start();
    return result ? "" : result.text;
  }

  usher_status Deliver(EventData event) { return driver_->Deliver(std::move(event)).status; }

  void End(usher_run run, int32_t code = 0) {
    RunOutcome outcome;
    outcome.code = code;
    outcome.meaning = code == 0 ? "it has done its work" : "it exited with code 1";
    EXPECT_TRUE(driver_->EndRun(run, outcome));
  }

  [[nodiscard]] std::vector<std::string> Programs() const {
    std::vector<std::string> programs;
    for (const StartedRun& run : host_.Runs()) programs.push_back(run.program);
    return programs;
  }

  [[nodiscard]] std::vector<uint64_t> Ended() const {
    std::vector<uint64_t> ended;
    for (const Completed& completed : host_.Completions()) {
      EXPECT_EQ(completed.status, USHER_OK) << completed.text;
      ended.push_back(completed.seq);
    }
    return ended;
  }

  void TearDown() override {
    if (driver_ && !stopped_) driver_->Stop();
    driver_.reset();
    EXPECT_THAT(host_.Violations(), IsEmpty());
  }

  int count_ = 0;
  bool stopped_ = false;
  usher::testing::FakeHost host_;
  std::optional<usher::testing::Driver> driver_;
};

TEST_F(Hooks, RunForTheEventsThatTheyAreFor) {
  AddHook("/bin/one", {"session.logon", "session.logoff"});
  AddHook("/bin/two", {"session.*"});
  ASSERT_EQ(Start(), "");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kBrokerStarted)), USHER_OK);
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLocked, UserSession("anna"))), USHER_PENDING);
  EXPECT_THAT(Programs(), ElementsAre("/bin/two"));
}

TEST_F(Hooks, ArePutInTheOrderOfTheFileAndEndTheEvent) {
  AddHook("/bin/one", {"session.logon"});
  AddHook("/bin/two", {"session.logon"});
  ASSERT_EQ(Start(), "");
  EventData event = MakeEvent(EventType::kSessionLogon, UserSession("anna"));
  event.seq = 5;
  EXPECT_EQ(Deliver(event), USHER_PENDING);
  EXPECT_THAT(Programs(), ElementsAre("/bin/one"));
  End(1);
  EXPECT_THAT(Programs(), ElementsAre("/bin/two"));
  EXPECT_THAT(Ended(), IsEmpty());
  End(2);
  EXPECT_THAT(Ended(), ElementsAre(5U));
}

TEST_F(Hooks, MayRunAtTheSameTime) {
  host_.Configure("order", "parallel");
  AddHook("/bin/one", {"session.logon"});
  AddHook("/bin/two", {"session.logon"});
  ASSERT_EQ(Start(), "");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna"))), USHER_PENDING);
  EXPECT_THAT(Programs(), ElementsAre("/bin/one", "/bin/two"));
  End(2);
  EXPECT_THAT(Ended(), IsEmpty());
  End(1);
  EXPECT_EQ(Ended().size(), 1U);
}

TEST_F(Hooks, AreNeverMoreThanMayRunAtATime) {
  host_.Configure("concurrency", 2);
  AddHook("/bin/one", {"session.logon"});
  ASSERT_EQ(Start(), "");
  for (const char* const id : {"1", "2", "3"}) {
    EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna", id))), USHER_PENDING);
  }
  EXPECT_EQ(host_.Runs().size(), 2U);
  End(2);
  ASSERT_EQ(host_.Runs().size(), 2U);
  EXPECT_EQ(host_.Runs().back().session_id, "3");
}

TEST_F(Hooks, OfOneSessionGoInTheOrderOfItsEvents) {
  AddHook("/bin/in", {"session.logon"});
  AddHook("/bin/out", {"session.logoff"});
  ASSERT_EQ(Start(), "");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna"))), USHER_PENDING);
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogoff, UserSession("anna"))), USHER_PENDING);
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogoff, UserSession("berta", "2"))),
            USHER_PENDING);
  ASSERT_EQ(host_.Runs().size(), 2U) << "the other session's need not wait";
  EXPECT_EQ(host_.Runs().back().session_id, "2");
  End(1);
  EXPECT_THAT(Programs(), ElementsAre("/bin/out", "/bin/out"));
}

TEST_F(Hooks, AreToldOfTheEvent) {
  const std::string hook = AddHook("/bin/one", {"session.logon"});
  host_.Configure(hook + "args", {"--now", "$USHER_USER"});
  host_.Configure(hook + "timeout", "2 min");
  host_.Configure(hook + "output", 10);
  ASSERT_EQ(Start(), "");
  SessionData session = UserSession("anna");
  session.remote = true;
  session.remote_host = "x; rm -rf /";
  EventData event = MakeEvent(EventType::kSessionLogon, session);
  event.seq = 5;
  event.flags = USHER_FLAG_REDELIVERED;
  event.origin = usher::Origin::kInjected;
  event.reason = "resync";
  event.json = "{\"seq\":5}";
  event.details = {{"delay_us", "7"}, {"a.b-c", "x"}};
  EXPECT_EQ(Deliver(event), USHER_PENDING);
  ASSERT_EQ(host_.Runs().size(), 1U);
  const StartedRun run = host_.Runs().front();
  EXPECT_THAT(run.arguments, ElementsAre("--now", "$USHER_USER")) << "no value is pasted in";
  EXPECT_EQ(run.input, "{\"seq\":5}\n");
  EXPECT_EQ(run.time_limit_us, 120'000'000);
  EXPECT_EQ(run.output_limit, 10U);
  EXPECT_EQ(run.cause, 5U);
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"USHER_SEQ", "5"},
                                          {"USHER_TYPE", "session.logon"},
                                          {"USHER_ORIGIN", "injected"},
                                          {"USHER_REASON", "resync"},
                                          {"USHER_REDELIVERED", "1"},
                                          {"USHER_SESSION_ID", "1"},
                                          {"USHER_USER", "anna"},
                                          {"USHER_USER_ID", "1000"},
                                          {"USHER_CLASS", "user"},
                                          {"USHER_SEAT", "seat0"},
                                          {"USHER_REMOTE", "1"},
                                          {"USHER_REMOTE_HOST", "x; rm -rf /"},
                                          {"USHER_LOCKED", "no"},
                                          {"USHER_DETAIL_DELAY_US", "7"},
                                          {"USHER_DETAIL_A_B_C", "x"}}) {
    EXPECT_THAT(run.variables, Contains(Pair(name, value)));
  }
}

TEST_F(Hooks, AreRunWithoutAnInputWhereTheEventIsTooLongForOne) {
  AddHook("/bin/one", {"session.logon"});
  ASSERT_EQ(Start(), "");
  EventData event = MakeEvent(EventType::kSessionLogon, UserSession("anna"));
  event.json = std::string(USHER_RUN_MAX_INPUT - 1, 'x');
  EXPECT_EQ(Deliver(event), USHER_PENDING);
  EXPECT_EQ(host_.Runs().at(0).input.size(), USHER_RUN_MAX_INPUT);
  End(1);
  event.json += "x";
  EXPECT_EQ(Deliver(event), USHER_PENDING);
  ASSERT_EQ(host_.Runs().size(), 1U);
  EXPECT_EQ(host_.Runs().at(0).input, "");
}

TEST_F(Hooks, AreToldThatAnEventConcernsNoSession) {
  AddHook("/bin/one", {"system.*"});
  ASSERT_EQ(Start(), "");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSystemShuttingDown)), USHER_PENDING);
  ASSERT_EQ(host_.Runs().size(), 1U);
  EXPECT_EQ(host_.Runs().front().session_id, "");
  EXPECT_THAT(host_.Runs().front().variables, Contains(Pair("USHER_SESSION_ID", "")));
}

TEST_F(Hooks, GiveAShellItsTextAndValuesAsVariablesOnly) {
  const std::string hook = AddHook("echo \"$USHER_REMOTE_HOST\" \"$1\"", {"session.logon"});
  host_.Configure(hook + "shell", true);
  host_.Configure(hook + "args", {"x y"});
  ASSERT_EQ(Start(), "");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna"))), USHER_PENDING);
  ASSERT_EQ(host_.Runs().size(), 1U);
  EXPECT_EQ(host_.Runs().front().program, "/bin/sh");
  EXPECT_THAT(host_.Runs().front().arguments,
              ElementsAre("-c", "echo \"$USHER_REMOTE_HOST\" \"$1\"", "sh", "x y"));
}

TEST_F(Hooks, RunAsTheUserOfTheSession) {
  const std::string hook = AddHook("/bin/one", {"*"});
  host_.Configure(hook + "run_as", "session_user");
  ASSERT_EQ(Start(), "");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSystemSuspending)), USHER_OK) << "it has no user";
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna", "7"))), USHER_PENDING);
  ASSERT_EQ(host_.Runs().size(), 1U);
  EXPECT_EQ(host_.Runs().front().run_as, USHER_RUN_AS_SESSION_USER);
  EXPECT_EQ(host_.Runs().front().session_id, "7");
}

TEST_F(Hooks, KnowTheSessionOfAnEventThatHasOnlyOneBefore) {
  AddHook("/bin/one", {"session.destroyed"});
  ASSERT_EQ(Start(), "");
  EventData event = MakeEvent(EventType::kSessionDestroyed);
  event.before = UserSession("anna", "7");
  EXPECT_EQ(Deliver(event), USHER_PENDING);
  ASSERT_EQ(host_.Runs().size(), 1U);
  EXPECT_EQ(host_.Runs().front().session_id, "7");
}

TEST_F(Hooks, AreForSomeSessionsOnly) {
  struct Filter {
    const char* key;
    std::vector<std::string> values;
    bool wants;
  };
  for (const Filter& filter : std::vector<Filter>{{"class", {"user"}, true},
                                                  {"class", {"greeter"}, false},
                                                  {"seat", {"seat0", "seat1"}, true},
                                                  {"seat", {"seat1"}, false},
                                                  {"users", {"4294967000"}, true},
                                                  {"users", {"root"}, false},
                                                  {"groups", {"0"}, false}}) {
    usher::testing::FakeHost host;
    host.Configure("hook.0.program", "/bin/one");
    host.Configure("hook.0.on", {"session.*"});
    host.config[std::string("hook.0.") + filter.key] = filter.values;
    usher::testing::Driver driver(host);
    ASSERT_TRUE(driver.Start());
    SessionData session = UserSession("root");  // The name says nothing.
    session.user_id = "4294967000";
    EXPECT_EQ(driver.Deliver(MakeEvent(EventType::kSessionLogon, session)).status,
              filter.wants ? USHER_PENDING : USHER_OK)
        << filter.key << " " << filter.values.front();
    EXPECT_EQ(driver.Deliver(MakeEvent(EventType::kSystemResumed)).status, USHER_OK);
  }
}

TEST_F(Hooks, AreForAGroupsMembers) {
  const std::string hook = AddHook("/bin/one", {"session.*"});
  host_.Configure(hook + "groups", {"root"});
  ASSERT_EQ(Start(), "");
  SessionData session = UserSession("whoever");
  session.user_id = "0";
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, session)), USHER_PENDING);
}

TEST_F(Hooks, AreForOneWayToLogOnOnly) {
  const std::string hook = AddHook("/bin/one", {"session.logon"});
  host_.Configure(hook + "via", "remote");
  ASSERT_EQ(Start(), "");
  SessionData session = UserSession("anna");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, session)), USHER_OK);
  session.remote = true;
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, session)), USHER_PENDING);
}

TEST_F(Hooks, ThatFailAreNamedAndTheNextOnesCome) {
  AddHook("/bin/one", {"session.logon"});
  AddHook("/bin/two", {"session.logon"});
  ASSERT_EQ(Start(), "");
  EventData event = MakeEvent(EventType::kSessionLogon, UserSession("anna"));
  event.seq = 5;
  EXPECT_EQ(Deliver(event), USHER_PENDING);
  End(1, 1);
  EXPECT_TRUE(host_.Said("\"/bin/one\" failed for event 5 session.logon: it exited with code 1"));
  EXPECT_THAT(Programs(), ElementsAre("/bin/two"));
  End(2);
  EXPECT_THAT(Ended(), ElementsAre(5U));
}

TEST_F(Hooks, ThatFailMayBeTheEventsLast) {
  const std::string hook = AddHook("/bin/one", {"session.logon"});
  host_.Configure(hook + "on_failure", "stop");
  AddHook("/bin/two", {"session.logon"});
  ASSERT_EQ(Start(), "");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna"))), USHER_PENDING);
  End(1, 1);
  EXPECT_THAT(Programs(), IsEmpty());
  EXPECT_EQ(Ended().size(), 1U);
}

TEST_F(Hooks, ThatFailMayBeTriedAgain) {
  const std::string hook = AddHook("/bin/one", {"session.logon"});
  host_.Configure(hook + "on_failure", "retry");
  host_.Configure(hook + "retries", 2);
  host_.Configure(hook + "retry_wait", "10 s");
  ASSERT_EQ(Start(), "");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna"))), USHER_PENDING);
  for (usher_run run = 1; run <= 3; ++run) {
    ASSERT_EQ(host_.Runs().size(), 1U) << run;
    EXPECT_EQ(Ended().size(), 0U);
    End(run, 1);
    EXPECT_THAT(Programs(), IsEmpty());
    driver_->Advance(seconds(10));
  }
  EXPECT_EQ(Ended().size(), 1U) << "after two more tries";
}

TEST_F(Hooks, ThatCannotBeRunHaveFailed) {
  AddHook("/bin/one", {"session.logon"});
  ASSERT_EQ(Start(), "");
  host_.Fail("run", USHER_LIMIT, "too many");
  EXPECT_EQ(Deliver(MakeEvent(EventType::kSessionLogon, UserSession("anna"))), USHER_PENDING);
  EXPECT_TRUE(host_.Said("too many"));
  EXPECT_EQ(Ended().size(), 1U);
}

TEST_F(Hooks, ThatAreNotDoneLeaveTheEventOpen) {
  AddHook("/bin/one", {"session.logon"});
  ASSERT_EQ(Start(), "");
  EventData event = MakeEvent(EventType::kSessionLogon, UserSession("anna"));
  event.seq = 5;
  EXPECT_EQ(Deliver(event), USHER_PENDING);
  driver_->Stop();
  stopped_ = true;
  EXPECT_THAT(Ended(), IsEmpty());
  EXPECT_THAT(host_.Open(), ElementsAre(5U));
}

}  // namespace
