#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/unit/plugin_host/c_host_fixture.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Keeps the last completion.
struct OneCompletion final : Completions {
  bool Complete(Seq completed, Status status) noexcept override {
    seq = completed;
    how = std::move(status);
    return true;
  }
  Seq seq = 0;
  Status how;
};

using APluginsHost = testing::CHostFixture;

TEST_F(APluginsHost, SaysFromAnyThreadWhenToStop) {
  EXPECT_EQ(c_->should_stop(c_), 0);
  host_.SetOverdue(true);
  std::thread([this] { EXPECT_EQ(c_->should_stop(c_), 1); }).join();
  host_.SetOverdue(false);
  EXPECT_EQ(c_->should_stop(c_), 0);
  host_.Abandon();
  EXPECT_EQ(c_->should_stop(c_), 1);
  EXPECT_EQ(c_->should_stop(nullptr), 1);
}

TEST_F(APluginsHost, HandsOutTheExtensionsThereAre) {
  EXPECT_EQ(c_->size, sizeof(usher_host));
  EXPECT_EQ(c_->abi_version, USHER_ABI_VERSION);
  EXPECT_EQ(Get<usher_ext_config>(USHER_EXT_CONFIG).size, sizeof(usher_ext_config));
  EXPECT_EQ(Get<usher_ext_log>(USHER_EXT_LOG).size, sizeof(usher_ext_log));
  EXPECT_EQ(Get<usher_ext_sessions>(USHER_EXT_SESSIONS).size, sizeof(usher_ext_sessions));
  EXPECT_EQ(Get<usher_ext_storage>(USHER_EXT_STORAGE).size, sizeof(usher_ext_storage));
  EXPECT_EQ(c_->get_extension(c_, "usher.log/2"), nullptr);
  for (const std::string_view id : ExtensionIds()) {
    const bool there = c_->get_extension(c_, std::string(id).c_str()) != nullptr;
    EXPECT_EQ(there, !NeedsGrant(id)) << id;
  }
}

TEST_F(APluginsHost, HasNothingButTheConfigurationAndTheLogForACheck) {
  const std::string path = directory_ / "state/plugins/me";
  Host checking(context_, PluginOf("me", "x"), InfoOf({}), path, Host::Phase::kCheck);
  checking.BindThread();
  const usher_host* c = checking.Get();
  for (const std::string_view id : ExtensionIds()) {
    const bool granted = c->get_extension(c, std::string(id).c_str()) != nullptr;
    EXPECT_EQ(granted, id == USHER_EXT_CONFIG || id == USHER_EXT_LOG) << id;
  }
  usher_timer timer = 0;
  EXPECT_EQ(storage_.put(c, "key", "x", 1, nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(list_.visit(
                c, [](void*, const usher_snapshot*) {}, nullptr),
            USHER_INVALID_ARGUMENT);
  EXPECT_EQ(timer_.start(c, 0, 0, OnTimer, nullptr, &timer, nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(EmitExtension().emit(c, "org.example.me.x", nullptr, 0, 0, nullptr),
            USHER_INVALID_ARGUMENT);
  EXPECT_EQ(config_.config_error(c, "", "no good"), USHER_OK);
  EXPECT_EQ(checking.Config().CheckValues().message(),
            "usher.toml:1:1: plugins.me.config: no good");
}

TEST_F(APluginsHost, TakesConfigurationErrorsOnlyUntilItIsUp) {
  EXPECT_EQ(config_.config_error(c_, nullptr, "x"), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(config_.config_error(c_, "name", nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(config_.config_error(c_, "name", "must be\xff long"), USHER_OK);
  host_.SetPhase(Host::Phase::kActive);
  EXPECT_EQ(config_.config_error(c_, "name", "x"), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(host_.Config().CheckValues().message(),
            "usher.toml:1:8: plugins.me.config.name: must be\\xFF long");
}

TEST_F(APluginsHost, KnowsThePluginsThread) {
  const usher_ext_thread_check& check = ThreadCheckExtension();
  EXPECT_EQ(check.is_plugin_thread(c_), 1);
  EXPECT_EQ(check.is_plugin_thread(nullptr), 0);
  std::thread([&] { EXPECT_EQ(check.is_plugin_thread(c_), 0); }).join();
}

TEST_F(APluginsHost, TellsTheTimeOfTheBrokersClock) {
  int64_t realtime_us = 0;
  int64_t monotonic_us = 0;
  EXPECT_EQ(timer_.now(c_, &realtime_us, &monotonic_us), USHER_OK);
  EXPECT_EQ(realtime_us, clock_.Now().realtime_us);
  EXPECT_EQ(monotonic_us, clock_.Now().monotonic_us);
  EXPECT_EQ(timer_.now(c_, nullptr, nullptr), USHER_OK);
}

TEST_F(APluginsHost, HasTheTimeOfTheEventThatASimulatedClockHasNotReached) {
  constexpr int64_t kHour = int64_t{3600} * 1'000'000;
  HostContext context = context_;
  context.simulated = true;
  Host host(context, PluginOf("me", "x", ""), InfoOf({}), directory_ / "state/plugins/me");
  host.BindThread();
  const Timestamp behind = clock_.Now();
  host.AdvanceTimers(behind.monotonic_us + kHour);
  int64_t realtime_us = 0;
  int64_t monotonic_us = 0;
  EXPECT_EQ(timer_.now(host.Get(), &realtime_us, &monotonic_us), USHER_OK);
  EXPECT_EQ(realtime_us, behind.realtime_us + kHour);
  EXPECT_EQ(monotonic_us, behind.monotonic_us + kHour);
  EXPECT_EQ(host.TimerNow(), behind.monotonic_us + kHour);
}

/// Ten thousand sessions cost each instance a megabyte.
TEST_F(APluginsHost, KeepsTheSessionsItMeetsWhereItMayActOnThemInSimulatedTimeOnly) {
  PluginSettings acting = PluginOf("me", "x", "");
  acting.grant = {USHER_EXT_LAUNCH};
  const auto kept = [this](const PluginSettings& settings, bool simulated) {
    HostContext context = context_;
    context.simulated = simulated;
    Host host(context, settings, InfoOf({}), directory_ / "state/plugins/me");
    Event event;
    event.type = EventType::kSessionCreated;
    event.session = std::make_shared<const Session>(SessionWithId("1"));
    host.Meet(event);
    return event.session.use_count() > 1;
  };
  EXPECT_TRUE(kept(acting, true));
  EXPECT_FALSE(kept(acting, false));
  EXPECT_FALSE(kept(PluginOf("me", "x", ""), true));
}

TEST_F(APluginsHost, StartsNoTimerOnceItStops) {
  usher_timer timer = 0;
  EXPECT_EQ(timer_.start(c_, 0, 0, OnTimer, nullptr, nullptr, nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(timer_.start(c_, 0, 0, OnTimer, nullptr, &timer, nullptr), USHER_OK);
  host_.SetPhase(Host::Phase::kStopping);
  EXPECT_EQ(timer_.start(c_, 0, 0, OnTimer, nullptr, &timer, nullptr), USHER_STOPPED);
  EXPECT_EQ(timer_.cancel(c_, timer), USHER_OK);
  host_.SetPhase(Host::Phase::kStopped);
  EXPECT_EQ(timer_.cancel(c_, timer), USHER_STOPPED);
  EXPECT_EQ(timer_.now(c_, nullptr, nullptr), USHER_STOPPED);
}

TEST_F(APluginsHost, TakesForACauseOnlyWhatThePluginIsBusyWith) {
  const usher_ext_emit& emit = EmitExtension();
  AnnounceLimit limit(announcer_, "me");
  OneCompletion completions;
  host_.SetCompletions(completions);
  host_.SetLimit(limit);
  host_.SetPhase(Host::Phase::kActive);
  const auto emits = [&](Seq cause) {
    return emit.emit(c_, "org.example.me.x", nullptr, 0, cause, nullptr);
  };
  host_.Causes().SetAtHand({7, 2});
  EXPECT_EQ(emits(0), USHER_OK);
  EXPECT_EQ(emits(7), USHER_OK);
  std::thread([&] {
    EXPECT_EQ(emits(7), USHER_OK);
    EXPECT_EQ(emits(0), USHER_OK);
  }).join();
  host_.Causes().Keep({7, 2});
  host_.Causes().SetAtHand({8, 0});
  EXPECT_EQ(emits(7), USHER_OK);
  EXPECT_EQ(emits(9), USHER_NOT_FOUND);
  EXPECT_EQ(c_->complete(c_, 7, USHER_OK, nullptr), USHER_OK);
  EXPECT_EQ(emits(7), USHER_NOT_FOUND) << "it has ended";
  std::vector<std::string> causes;
  for (const Event& event : announcer_.Events()) {
    causes.push_back(std::to_string(event.cause) + "/" + std::to_string(event.chain));
  }
  EXPECT_THAT(causes, ElementsAre("7/3", "7/3", "7/3", "0/0", "7/3"));
}

TEST_F(APluginsHost, KeepsTheCausesOfAsManyEventsAsMayBeOpen) {
  for (Seq seq = 1; seq <= 17; ++seq) host_.Causes().Keep({seq, 0});
  EXPECT_FALSE(host_.Causes().Find(1));
  EXPECT_TRUE(host_.Causes().Find(2));
  EXPECT_TRUE(host_.Causes().Find(17));
}

TEST_F(APluginsHost, EmitsOnceItIsUp) {
  const usher_ext_emit& emit = EmitExtension();
  AnnounceLimit limit(announcer_, "me");
  host_.SetLimit(limit);
  usher_error error = {};
  error.size = sizeof error;
  EXPECT_EQ(emit.emit(c_, "org.example.me.x", nullptr, 0, 0, &error), USHER_INVALID_ARGUMENT);
  EXPECT_STREQ(error.text, "events are emitted once init() has returned");
  host_.SetPhase(Host::Phase::kActive);
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(emit.emit(c_, "org.example.me.x", nullptr, 0, 0, &error), USHER_OK);
  }
  EXPECT_EQ(emit.emit(c_, "org.example.me.x", nullptr, 0, 0, &error), USHER_LIMIT);
  EXPECT_THAT(error.text, HasSubstr("at most 60 events of a type are made in a minute"));
  EXPECT_EQ(announcer_.Events().size(), 60U);
  host_.SetPhase(Host::Phase::kStopped);
  EXPECT_EQ(emit.emit(c_, "org.example.me.x", nullptr, 0, 0, &error), USHER_STOPPED);
}

TEST_F(APluginsHost, TakesNullForAnAnswerEverywhere) {
  const char* text = nullptr;
  size_t length = 4;
  EXPECT_EQ(c_->get_extension(nullptr, USHER_EXT_LOG), nullptr);
  EXPECT_EQ(c_->get_extension(c_, nullptr), nullptr);
  EXPECT_EQ(c_->subscribe(nullptr, nullptr, 0), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(c_->subscribe(c_, nullptr, 3), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(c_->complete(nullptr, 1, USHER_OK, nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(c_->complete(c_, 1, USHER_ERROR, nullptr), USHER_NOT_FOUND);
  EXPECT_EQ(config_.get_string(nullptr, "name", &text), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(config_.get_string(c_, nullptr, &text), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(config_.get_string(c_, "name", nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(storage_.put(c_, nullptr, "x", 1, nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(storage_.put(c_, "key", nullptr, 1, nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(storage_.put(c_, "key", nullptr, 0, nullptr), USHER_OK);
  EXPECT_EQ(storage_.get(c_, "key", nullptr, nullptr, nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(storage_.get(c_, "key", nullptr, &length, nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(storage_.remove(c_, nullptr, nullptr), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(list_.visit(c_, nullptr, nullptr), USHER_INVALID_ARGUMENT);
  LogExtension().log(nullptr, USHER_LOG_INFO, "x");
  LogExtension().log(c_, USHER_LOG_INFO, nullptr);
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre());
}

TEST_F(APluginsHost, HandsOnHowAnEventEnded) {
  OneCompletion completions;
  host_.SetCompletions(completions);
  host_.SetPhase(Host::Phase::kActive);
  EXPECT_EQ(c_->complete(c_, 7, USHER_OK, "unread"), USHER_OK);
  EXPECT_EQ(completions.seq, 7U);
  EXPECT_TRUE(completions.how.ok());
  EXPECT_EQ(c_->complete(c_, 8, USHER_IO, "the printer is on \xFF fire"), USHER_OK);
  EXPECT_EQ(completions.how.message(),
            "complete() was called with USHER_IO (-9): the printer is on \\xFF fire");
  EXPECT_EQ(c_->complete(c_, 9, USHER_ERROR, nullptr), USHER_OK);
  EXPECT_EQ(completions.how.message(),
            "complete() was called with USHER_ERROR (-1), without a text");
  const std::string endless(1U << 20U, 'x');
  EXPECT_EQ(c_->complete(c_, 9, USHER_ERROR, endless.c_str()), USHER_OK);
  EXPECT_LT(completions.how.message().size(), 1200U);
}

TEST_F(APluginsHost, TakesNoCompletionThatIsNoEnd) {
  OneCompletion completions;
  host_.SetCompletions(completions);
  for (const usher_status status : {USHER_PENDING, USHER_RETRY, usher_status{99}}) {
    EXPECT_EQ(c_->complete(c_, 7, status, nullptr), USHER_INVALID_ARGUMENT);
  }
  EXPECT_EQ(completions.seq, 0U);
}

TEST_F(APluginsHost, LeavesAnEventThatFailsWhileItStopsOpen) {
  OneCompletion completions;
  host_.SetCompletions(completions);
  host_.SetPhase(Host::Phase::kStopping);
  EXPECT_EQ(c_->complete(c_, 7, USHER_ERROR, "dropped"), USHER_STOPPED);
  EXPECT_EQ(completions.seq, 0U);
  EXPECT_EQ(c_->complete(c_, 7, USHER_OK, nullptr), USHER_OK);
  EXPECT_EQ(completions.seq, 7U);
  host_.SetPhase(Host::Phase::kStopped);
  EXPECT_EQ(c_->complete(c_, 8, USHER_OK, nullptr), USHER_STOPPED);
  EXPECT_EQ(completions.seq, 7U);
}

TEST_F(APluginsHost, DoesNothingForAnInstanceThatIsStopped) {
  host_.SetPhase(Host::Phase::kStopped);
  const char* text = nullptr;
  EXPECT_EQ(config_.get_string(c_, "name", &text), USHER_STOPPED);
  EXPECT_EQ(storage_.put(c_, "key", "x", 1, nullptr), USHER_STOPPED);
  EXPECT_EQ(c_->subscribe(c_, nullptr, 0), USHER_STOPPED);
  EXPECT_EQ(list_.visit(
                c_, [](void*, const usher_snapshot*) {}, nullptr),
            USHER_STOPPED);
  LogExtension().log(c_, USHER_LOG_INFO, "a last word");
  host_.Abandon();
  LogExtension().log(c_, USHER_LOG_INFO, "too late");
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre("plugin me: a last word"));
}

TEST_F(APluginsHost, AllowsPluginThreadFunctionsOnThatThreadOnly) {
  usher_status config = USHER_OK;
  usher_status storage = USHER_OK;
  usher_status sessions = USHER_ERROR;
  std::thread([&] {
    const char* text = nullptr;
    config = config_.get_string(c_, "name", &text);
    storage = storage_.put(c_, "key", "x", 1, nullptr);
    sessions = list_.visit(
        c_, [](void*, const usher_snapshot*) {}, nullptr);
  }).join();
  EXPECT_EQ(config, USHER_INVALID_ARGUMENT);
  EXPECT_EQ(storage, USHER_INVALID_ARGUMENT);
  EXPECT_EQ(sessions, USHER_OK);
  EXPECT_EQ(misuse_.Notes().size(), 2U);
}

TEST_F(APluginsHost, LogsBoundedUtf8WithAKnownSeverity) {
  LogExtension().log(c_, 99, "bad \xff byte");
  EXPECT_EQ(diagnostics_.last_severity, Severity::kError);
  LogExtension().log(c_, -5, std::string(100000, 'x').c_str());
  EXPECT_EQ(diagnostics_.last_severity, Severity::kDebug);
  ASSERT_EQ(diagnostics_.Lines().size(), 2U);
  EXPECT_EQ(diagnostics_.Lines()[0], "plugin me: bad \\xFF byte");
  EXPECT_LE(diagnostics_.Lines()[1].size(), 4200U);
  EXPECT_TRUE(diagnostics_.Lines()[1].ends_with("…"));
}

TEST_F(APluginsHost, ShowsTheSessionsThereAre) {
  CommitSession("7");
  std::string seen;
  const auto note = [](void* context, const usher_snapshot* snapshot) {
    *static_cast<std::string*>(context) =
        std::to_string(snapshot->as_of_seq) + " " + snapshot->sessions[0]->id;
  };
  EXPECT_EQ(list_.visit(c_, note, &seen), USHER_OK);
  EXPECT_EQ(seen, "1 7");
}

TEST_F(APluginsHost, SurvivesACallbackThatThrows) {
  EXPECT_EQ(list_.visit(
                c_, [](void*, const usher_snapshot*) { throw std::runtime_error("no"); }, nullptr),
            USHER_ERROR);
}

TEST_F(APluginsHost, WritesWhyIntoTheErrorThatThePluginOffers) {
  usher_error error = {};
  error.size = sizeof error;
  EXPECT_EQ(storage_.put(c_, "../evil", "x", 1, &error), USHER_INVALID_ARGUMENT);
  EXPECT_THAT(error.text, HasSubstr("a key of the storage has 1 to 64 characters"));
  std::memset(&error, 'x', sizeof error);
  error.size = offsetof(usher_error, text) + 5;
  EXPECT_EQ(storage_.put(c_, "../evil", "x", 1, &error), USHER_INVALID_ARGUMENT);
  EXPECT_STREQ(error.text, "a ke");
  EXPECT_EQ(error.text[5], 'x');
  error.size = 4;
  error.text[0] = 'q';
  EXPECT_EQ(storage_.put(c_, "../evil", "x", 1, &error), USHER_INVALID_ARGUMENT);
  EXPECT_EQ(error.text[0], 'q');
}

}  // namespace
}  // namespace broker
