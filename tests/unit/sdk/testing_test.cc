// The fake broker, and with it what the wrapper makes of timers, own events and the configuration.
#include "tests/unit/sdk/acting_fixture.h"

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

using acting::script;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using usher::EventType;
using usher::testing::CallResult;
using usher::testing::Completed;

using AFakeHost = acting::Fixture;

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

}  // namespace
