// The fake broker, and with it what the wrapper makes of timers, own events and the configuration.
#include "usher/testing.hpp"

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "usher/plugin.hpp"

namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using usher::EventType;
using usher::testing::CallResult;
using usher::testing::Completed;
using usher::testing::Driver;
using usher::testing::FakeHost;
using usher::testing::MakeEvent;
using usher::testing::UserSession;

/// What the plugin below does, and what it was called for. One test at a time.
struct Script {
  std::function<void(const usher::Host&)> check;
  std::function<void(const usher::Host&)> init;
  std::function<void(const usher::Host&)> snapshot;
  std::function<usher::Answer(const usher::Host&, const usher::Event&)> event;
  std::function<void(const usher::Host&)> stop;
  std::function<void(const usher::Host&)> destroy;
  std::vector<usher::Timer> timers;
  std::vector<usher::Run> runs;
};
Script script;

template <class Function>
void Act(const Function& function, const usher::Host& host) {
  if (function) function(host);
}

class Acting final : public usher::AsyncPlugin {
 public:
  using AsyncPlugin::AsyncPlugin;
  ~Acting() override {
    script.timers.clear();
    script.runs.clear();
    Act(script.destroy, host());
  }
  static void CheckConfig(const usher::Host& host) { Act(script.check, host); }
  void OnInit() override { Act(script.init, host()); }
  void OnSnapshot(const usher::Snapshot&) override { Act(script.snapshot, host()); }
  usher::Answer OnEvent(const usher::Event& event) override {
    return script.event ? script.event(host(), event) : usher::Answer::kDone;
  }
  void OnStop() override { Act(script.stop, host()); }
};

constexpr auto kNeeds =
    usher::detail::MakeNeeds(usher::Events(EventType::kSessionLocked, EventType::kSessionLogon),
                             usher::Optional(USHER_EXT_TIMER));
constexpr usher_plugin_descriptor kDescriptor =
    usher::detail::Describe<Acting>("org.example.acting", "1", kNeeds);
constexpr usher_plugin_entry_t kEntry = usher::detail::MakeEntry<Acting>(&kDescriptor);

class AFakeHost : public testing::Test {
 protected:
  AFakeHost() { script = Script{}; }
  ~AFakeHost() override { script = Script{}; }

  CallResult Start() {
    plugin_.emplace(host_, kEntry);
    return plugin_->Start();
  }
  CallResult Deliver(EventType type = EventType::kSessionLocked) {
    return plugin_->Deliver(MakeEvent(type, UserSession("anna")));
  }

  FakeHost host_;
  std::optional<Driver> plugin_;
};

TEST_F(AFakeHost, DeliversWhatThePluginWantsAndNumbersIt) {
  std::vector<std::string> seen;
  script.init = [](const usher::Host& host) { host.Subscribe(EventType::kSessionLocked); };
  script.event = [&seen](const usher::Host&, const usher::Event& event) {
    seen.push_back(std::to_string(event.seq()) + " " + std::string(event.type_name()) + " of " +
                   std::string(event.session().user()));
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  Deliver(EventType::kSessionLogon);
  Deliver();
  Deliver(EventType::kSystemResumed);
  Deliver();
  EXPECT_THAT(seen, ElementsAre("2 session.locked of anna", "4 session.locked of anna"));
}

TEST_F(AFakeHost, LetsTimePassForTimers) {
  std::vector<std::string> calls;
  script.init = [&calls](const usher::Host& host) {
    const auto note = [&calls, host](const std::string& name) {
      calls.push_back(name + " at " + std::to_string(host.Timers()->Now().count() / 1'000'000));
    };
    script.timers.push_back(host.Timers()->Every(seconds(10), [note] { note("tick"); }));
    script.timers.push_back(host.Timers()->After(seconds(15), [note] { note("once"); }));
  };
  ASSERT_TRUE(Start());
  EXPECT_EQ(host_.Timers(), 2U);
  EXPECT_TRUE(plugin_->Advance(seconds(30)));
  EXPECT_THAT(calls, ElementsAre("tick at 11", "once at 16", "tick at 21", "tick at 31"));
  EXPECT_EQ(host_.Timers(), 1U);
  script.timers.front().Cancel();
  EXPECT_THAT(host_.Violations(), Contains(HasSubstr("called cancel()")))
      << "a test is no call into the plugin";
}

TEST_F(AFakeHost, AnswersWhatATimerThrewAndCallsTheOthers) {
  int calls = 0;
  script.init = [&calls](const usher::Host& host) {
    script.timers.push_back(
        host.Timers()->After(seconds(1), [] { throw std::runtime_error("no coffee"); }));
    script.timers.push_back(host.Timers()->After(seconds(2), [&calls] { ++calls; }));
  };
  ASSERT_TRUE(Start());
  EXPECT_EQ(plugin_->Advance(seconds(3)).text, "no coffee");
  EXPECT_EQ(calls, 1);
}

TEST_F(AFakeHost, LetsATimerReplaceItself) {
  int calls = 0;
  std::function<void(const usher::Host&)> again = [&](const usher::Host& host) {
    ++calls;
    script.timers.clear();
    script.timers.push_back(host.Timers()->After(minutes(1), [&again, host] { again(host); }));
  };
  script.init = again;
  ASSERT_TRUE(Start());
  EXPECT_TRUE(plugin_->Advance(minutes(5)));
  EXPECT_EQ(calls, 6);
  EXPECT_THAT(host_.Violations(), IsEmpty());
}

TEST_F(AFakeHost, ForgetsTimersAtTheStop) {
  script.init = [](const usher::Host& host) {
    script.timers.push_back(host.Timers()->Every(seconds(1), [] {}));
  };
  script.stop = [](const usher::Host& host) {
    EXPECT_THROW((void)host.Timers()->After(seconds(1), [] {}), usher::Error);
  };
  ASSERT_TRUE(Start());
  plugin_->Stop();
  EXPECT_EQ(host_.Timers(), 0U);
  plugin_.reset();
  EXPECT_THAT(host_.Violations(), IsEmpty()) << "a timer may go with its plugin";
}

usher::RunRequest RequestOf(const std::string& program) {
  usher::RunRequest request;
  request.program = program;
  request.arguments = {"-x"};
  request.variables = {{"NAME", "value"}};
  request.input = std::string("a\0b", 3);
  return request;
}

TEST_F(AFakeHost, KeepsTheProgramsThatAreRunUntilTheTestEndsThem) {
  std::string told;
  script.event = [&told](const usher::Host& host, const usher::Event&) {
    script.runs.push_back(
        host.Runner()->Start(RequestOf("/bin/x"), [&told](const usher::RunResult& result) {
          told = std::to_string(result.code()) + " " + std::string(result.output()) + " " +
                 std::string(result.meaning());
        }));
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  EXPECT_TRUE(Deliver());
  ASSERT_EQ(host_.Runs().size(), 1U);
  const usher::testing::StartedRun run = host_.Runs().front();
  EXPECT_EQ(run.program, "/bin/x");
  EXPECT_THAT(run.arguments, ElementsAre("-x"));
  EXPECT_EQ(run.variables.at("NAME"), "value");
  EXPECT_EQ(run.input, std::string("a\0b", 3));
  EXPECT_EQ(run.cause, 1U);
  EXPECT_EQ(told, "");
  EXPECT_TRUE(plugin_->EndRun(run.run, {USHER_RUN_EXITED, 3, "", "", "it is done", "out"}));
  EXPECT_EQ(told, "3 out it is done");
  EXPECT_THAT(host_.Runs(), IsEmpty());
  EXPECT_EQ(plugin_->EndRun(run.run).status, USHER_NOT_FOUND);
  EXPECT_THAT(host_.CancelledRuns(), IsEmpty());
}

TEST_F(AFakeHost, KnowsWhichProgramsThePluginCancels) {
  script.event = [](const usher::Host& host, const usher::Event&) {
    script.runs.clear();
    script.runs.push_back(host.Runner()->Start(
        RequestOf("/bin/x"), [](const usher::RunResult&) { FAIL() << "it is not wanted"; }));
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  Deliver();
  Deliver();
  EXPECT_THAT(host_.CancelledRuns(), ElementsAre(1U));
  ASSERT_EQ(host_.Runs().size(), 1U);
  plugin_->Stop();
  EXPECT_THAT(host_.CancelledRuns(), ElementsAre(1U, 2U));
  EXPECT_THAT(host_.Runs(), IsEmpty());
}

TEST_F(AFakeHost, RefusesWhatTheBrokerWouldNotRun) {
  script.init = [](const usher::Host& host) {
    EXPECT_THROW((void)host.Runner()->Start(RequestOf("/bin/x"), nullptr), usher::Error);
  };
  script.event = [](const usher::Host& host, const usher::Event&) {
    usher::RunRequest request = RequestOf("/bin/x");
    request.time_limit = std::chrono::microseconds(1);
    EXPECT_THROW((void)host.Runner()->Start(request, nullptr), usher::Error);
    EXPECT_THROW((void)host.Runner()->Start(RequestOf("x"), nullptr), usher::Error);
    request = RequestOf("/bin/x");
    request.run_as = usher::RunAs::kSessionUser;
    EXPECT_THROW((void)host.Runner()->Start(request, nullptr), usher::Error);
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  EXPECT_TRUE(Deliver());
  EXPECT_THAT(host_.Runs(), IsEmpty());
}

TEST_F(AFakeHost, KeepsWhatIsEmittedWithItsCause) {
  script.event = [](const usher::Host& host, const usher::Event&) {
    EXPECT_TRUE(host.Emitter()->Emit("org.example.acting.tea", {{"cups", "2"}}));
    EXPECT_THROW(host.Emitter()->Emit("session.logon"), usher::Error);
    EXPECT_THROW(host.Emitter()->Emit("org.example.acting.x", {{"id", "2"}}), usher::Error);
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Deliver());
  const auto emitted = host_.Emissions();
  ASSERT_EQ(emitted.size(), 1U);
  EXPECT_EQ(emitted[0].type, "org.example.acting.tea");
  EXPECT_EQ(emitted[0].cause, 1U);
  EXPECT_THAT(emitted[0].details, ElementsAre(testing::Pair("cups", "2")));
}

TEST_F(AFakeHost, LimitsWhatIsEmittedInAMinute) {
  int passed = 0;
  script.event = [&passed](const usher::Host& host, const usher::Event&) {
    for (int i = 0; i < 100; ++i) passed += host.Emitter()->Emit("org.example.acting.tea") ? 1 : 0;
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  Deliver();
  EXPECT_EQ(passed, 60);
  plugin_->Advance(minutes(1));
  Deliver();
  EXPECT_EQ(passed, 120);
}

TEST_F(AFakeHost, KnowsWhatIsOpen) {
  std::thread worker;
  script.event = [&worker](const usher::Host& host, const usher::Event& event) {
    worker =
        std::thread([completion = usher::Completion(host, event)]() mutable { completion.Done(); });
    return usher::Answer::kPending;
  };
  ASSERT_TRUE(Start());
  EXPECT_EQ(Deliver().status, USHER_PENDING);
  EXPECT_EQ(host_.WaitForEnd(1), (Completed{1, USHER_OK, ""}));
  worker.join();
  EXPECT_THAT(host_.Open(), IsEmpty());
  EXPECT_EQ(host_.WaitForEnd(7, std::chrono::milliseconds(1)), std::nullopt);
}

TEST_F(AFakeHost, LetsAThreadEmitWhatAnOpenEventHasCaused) {
  std::thread worker;
  script.event = [&worker](const usher::Host& host, const usher::Event& event) {
    worker = std::thread([host, completion = usher::Completion(host, event)]() mutable {
      const uint64_t seq = completion.seq();
      EXPECT_TRUE(host.Emitter()->Emit("org.example.acting.sent", {}, seq));
      EXPECT_TRUE(host.Emitter()->Emit("org.example.acting.idle"));
      completion.Done();
    });
    return usher::Answer::kPending;
  };
  ASSERT_TRUE(Start());
  EXPECT_TRUE(Deliver());
  worker.join();
  const auto emitted = host_.Emissions();
  ASSERT_EQ(emitted.size(), 2U);
  EXPECT_EQ(emitted[0].cause, 1U);
  EXPECT_EQ(emitted[1].cause, 0U);
  EXPECT_THROW(usher::Host(host_.raw()).Emitter()->Emit("org.example.acting.sent", {}, 1),
               usher::Error)
      << "it has ended";
  EXPECT_THAT(host_.Violations(), IsEmpty());
}

TEST_F(AFakeHost, TakesACompletionForNothingWhereTheEventIsNotLeftOpen) {
  script.event = [](const usher::Host& host, const usher::Event& event) {
    usher::Completion(host, event).Done();
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  EXPECT_EQ(Deliver().status, USHER_OK);
  EXPECT_THAT(host_.Completions(), IsEmpty());
  EXPECT_EQ(host_.raw()->complete(host_.raw(), 1, USHER_OK, nullptr), USHER_NOT_FOUND);
  EXPECT_THAT(host_.Violations(), ElementsAre(HasSubstr("event 1, which was not open")));
}

TEST_F(AFakeHost, RefusesAKeyThatNobodyAskedFor) {
  host_.Configure("color", "red");
  script.check = [](const usher::Host& host) { (void)host.Config().GetString("colour"); };
  EXPECT_EQ(Start().text, "color: the plugin knows no such key");
}

TEST_F(AFakeHost, RefusesWhatTheCheckOfTheConfigurationRefuses) {
  script.check = [](const usher::Host& host) {
    host.Config().Fail("color", "must be red");
    host.Config().Fail("size", "must be 7");
    EXPECT_FALSE(host.Timers());
    EXPECT_THROW((void)host.Storage(), usher::Error);
  };
  EXPECT_EQ(Start().text, "color: must be red");
  EXPECT_THAT(host_.ConfigErrors(), ElementsAre("color: must be red", "size: must be 7"));
}

TEST_F(AFakeHost, LacksWhatATestTakesAway) {
  host_.missing_extensions = {USHER_EXT_TIMER};
  script.init = [](const usher::Host& host) {
    EXPECT_FALSE(host.Timers());
    EXPECT_TRUE(host.Emitter());
    (void)host.Timers()->Now();
  };
  const CallResult result = Start();
  EXPECT_EQ(result.status, USHER_NOT_PERMITTED);
  EXPECT_THAT(result.text, HasSubstr(USHER_EXT_TIMER));
}

TEST_F(AFakeHost, NoticesTheWrongThread) {
  script.event = [](const usher::Host& host, const usher::Event&) {
    EXPECT_TRUE(host.IsPluginThread());
    std::thread([&host] {
      EXPECT_FALSE(host.IsPluginThread());
      host.LogInfo("any thread may log");
      EXPECT_THROW(host.Storage().Put("key", "value"), usher::Error);
    }).join();
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  ASSERT_TRUE(Deliver());
  EXPECT_THAT(host_.storage, IsEmpty());
  EXPECT_THAT(host_.Violations(),
              ElementsAre("called put(), which is [plugin-thread], from another thread or outside "
                          "of a call"));
}

TEST_F(AFakeHost, NoticesACompletionThatOutlivesTheStop) {
  std::optional<usher::Completion> kept;
  script.event = [&kept](const usher::Host& host, const usher::Event& event) {
    kept.emplace(host, event);
    return usher::Answer::kPending;
  };
  ASSERT_TRUE(Start());
  EXPECT_TRUE(Deliver());
  plugin_->Stop();
  kept.reset();
  EXPECT_THAT(host_.Completions(), IsEmpty());
  EXPECT_THAT(host_.Violations(), ElementsAre("called complete() after stop() had returned"));
}

TEST_F(AFakeHost, NoticesWhatComesTooLate) {
  std::optional<usher::Host> kept;
  script.destroy = [&kept](const usher::Host& host) {
    kept.emplace(host);
    host.LogInfo("a last word");
  };
  ASSERT_TRUE(Start());
  plugin_->Stop();
  plugin_.reset();
  EXPECT_THAT(host_.Violations(), IsEmpty());
  EXPECT_TRUE(host_.Said("a last word"));
  kept->LogInfo("too late");
  EXPECT_FALSE(host_.Said("too late"));
  EXPECT_THAT(host_.Violations(), ElementsAre("called log() after destroy() had returned"));
}

TEST_F(AFakeHost, HasTheStoragesLimits) {
  script.event = [](const usher::Host& host, const usher::Event&) {
    const usher::Storage storage = host.Storage();
    EXPECT_THROW(storage.Put("../etc/passwd", "x"), usher::Error);
    EXPECT_THROW(storage.Put("large", std::string(USHER_STORAGE_MAX_VALUE + 1, 'x')), usher::Error);
    for (int i = 0; i < 256; ++i) storage.Put("key" + std::to_string(i), "x");
    EXPECT_THROW(storage.Put("one-more", "x"), usher::Error);
    storage.Put("key7", "y");
    return usher::Answer::kDone;
  };
  ASSERT_TRUE(Start());
  EXPECT_TRUE(Deliver());
  EXPECT_EQ(host_.storage.size(), 256U);
  EXPECT_EQ(host_.storage["key7"], "y");
}

/// Notes which of its methods was called.
class Methods final : public usher::SessionPlugin {
 public:
  using SessionPlugin::SessionPlugin;
  void OnCreated(const usher::Event&) override { host().LogInfo("created"); }
  void OnLogon(const usher::Event&) override { host().LogInfo("logon"); }
  void OnLogoff(const usher::Event&) override { host().LogInfo("logoff"); }
  void OnDestroyed(const usher::Event&) override { host().LogInfo("destroyed"); }
  void OnConnected(const usher::Event&) override { host().LogInfo("connected"); }
  void OnDisconnected(const usher::Event&) override { host().LogInfo("disconnected"); }
  void OnLocked(const usher::Event&) override { host().LogInfo("locked"); }
  void OnUnlocked(const usher::Event&) override { host().LogInfo("unlocked"); }
  void OnConsoleSwitched(const usher::Event&) override { host().LogInfo("switched"); }
  void OnSuspending(const usher::Event&) override { host().LogInfo("suspending"); }
  void OnResumed(const usher::Event&) override { host().LogInfo("resumed"); }
  void OnShuttingDown(const usher::Event&) override { host().LogInfo("shutting_down"); }
  void OnOther(const usher::Event& event) override {
    host().LogInfo("other: " + std::string(event.type_name()));
  }
};

TEST(ASessionPlugin, HasAMethodForEachTypeOfEvent) {
  static constexpr auto kAll = usher::detail::MakeNeeds(usher::AllEvents);
  static constexpr auto kAbout = usher::detail::Describe<Methods>("a.b", "1", kAll);
  static constexpr auto kOf = usher::detail::MakeEntry<Methods>(&kAbout);
  FakeHost host;
  Driver plugin(host, kOf);
  ASSERT_TRUE(plugin.Start());
  for (const char* type :
       {"session.created", "session.logon", "session.logoff", "session.destroyed",
        "session.connected", "session.disconnected", "session.locked", "session.unlocked",
        "console.switched", "system.suspending", "system.resumed", "system.shutting_down",
        "plugin.failed", "org.example.tea"}) {
    plugin.Deliver(MakeEvent(type));
  }
  std::vector<std::string> said;
  for (const auto& [severity, text] : host.Logs()) said.push_back(text);
  EXPECT_THAT(
      said, ElementsAre("created", "logon", "logoff", "destroyed", "connected", "disconnected",
                        "locked", "unlocked", "switched", "suspending", "resumed", "shutting_down",
                        "other: plugin.failed", "other: org.example.tea"));
}

}  // namespace
