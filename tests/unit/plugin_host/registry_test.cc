#include "plugin_host/registry.h"

#include <unistd.h>

#include <fstream>
#include <set>

#include "tests/unit/plugin_host/registry_fixture.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::HasSubstr;

using testing::kPatience;
using ARegistry = testing::RegistryFixture;

TEST_F(ARegistry, BringsAPluginThroughItsWholeLife) {
  Add("good");
  Start();
  EXPECT_EQ(StatusOf("good").state, PluginState::kRunning);
  EXPECT_EQ(StatusOf("good").id, "org.example.test");
  EXPECT_EQ(StatusOf("good").version, "1.0.0");
  EXPECT_EQ(StatusOf("good").library, directory_ / "lib/good.so");
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("good").acknowledged == 1; }));
  EXPECT_THAT(registry_->Stop(kPatience), ElementsAre());
  EXPECT_EQ(StatusOf("good").state, PluginState::kStopped);
  EXPECT_THAT(diagnostics_.Lines(),
              ElementsAre("plugin good: init", "plugin good: snapshot of 0 sessions, reason 0",
                          "plugin good: event 1 session.logon", "plugin good: stop",
                          "plugin good: destroy"));
  ASSERT_EQ(announcer_.Events().size(), 1U);
  const Event loaded = announcer_.Events().front();
  EXPECT_EQ(loaded.type, EventType::kPluginLoaded);
  EXPECT_EQ(loaded.details, (Details{{"instance", "good"},
                                     {"id", "org.example.test"},
                                     {"version", "1.0.0"},
                                     {"library", directory_ / "lib/good.so"}}));
}

TEST_F(ARegistry, LeavesNoCopyOfALibraryBehind) {
  Add("good");
  Start();
  EXPECT_FALSE(std::filesystem::is_empty(directory_ / "state/modules"));
  registry_.reset();
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "state/modules"));
}

TEST_F(ARegistry, RemovesCopiesThatAKilledBrokerLeftBehind) {
  std::filesystem::create_directories(directory_ / "state/modules");
  std::filesystem::permissions(directory_ / "state/modules", std::filesystem::perms(0700));
  std::ofstream(directory_ / "state/modules/old-1.so") << "old";
  Start();
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "state/modules"));
}

TEST_F(ARegistry, ForgetsWhatASimulationBeforeStoredAndOnlyInASimulation) {
  settings_.runtime_directory = directory_ / "run";
  const std::string stored = directory_ / "run/simulated-plugins/good";
  std::filesystem::create_directories(stored);
  Start();
  EXPECT_TRUE(std::filesystem::exists(stored));
  HostContext simulation = context_;
  simulation.simulated = true;
  PluginRegistry(simulation).Load(settings_, Lane());
  EXPECT_FALSE(std::filesystem::exists(stored));
}

TEST_F(ARegistry, RefusesEachBadPluginWithAReasonOfItsOwnWhileAGoodOneGoesOn) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"wrong_abi", "was built for plugin ABI 1.3, this broker takes 0.2 to 0.x: rebuild it"},
      {"no_entry", "exports no usher_plugin_entry: build it with usher_add_plugin()"},
      {"null_descriptor", "has no descriptor"},
      {"tiny_entry", "says that its entry has 4 bytes"},
      {"junk_strings", "a text as id that does not end within 128 bytes"},
      {"needs_more", "requires the extension 'usher.time-travel/1', which this broker does not"},
      {"runpath_shared", "its RUNPATH has the folder '/tmp/somebodys'"},
      {"create_nothing", "create() answered USHER_ERROR (-1), without a text"},
      {"create_throws",
       "create() threw an exception, which must not leave a plugin: nothing can be created today"},
      {"tiny_plugin", "says that its plugin has 4 bytes"},
      {"init_fails", "init() answered USHER_ERROR (-1): there is no licence on this machine"},
  };
  for (const auto& [name, reason] : bad) Add(name);
  Add("good");
  Start();
  std::set<std::string> told;
  for (const auto& [name, reason] : bad) {
    std::string instance = name;
    std::replace(instance.begin(), instance.end(), '_', '-');
    EXPECT_THAT(ErrorOf(instance), HasSubstr(reason));
    EXPECT_EQ(StatusOf(instance).state, PluginState::kFailed) << instance;
    EXPECT_THAT(StatusOf(instance).last_error, HasSubstr(reason));
    told.insert(ErrorOf(instance));
  }
  EXPECT_EQ(told.size(), bad.size());
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return Said("plugin good: event 1 session.logon"); }));
}

TEST_F(ARegistry, SaysSoWhenAFileIsNoLibrary) {
  std::ofstream(directory_ / "lib/notes.so") << "buy milk\n";
  settings_.plugins.push_back(PluginOf("notes", "notes"));
  settings_.plugins.push_back(PluginOf("gone", "gone"));
  Start();
  EXPECT_THAT(ErrorOf("notes"), HasSubstr("notes.so' is not a shared library: it does not begin "
                                          "like an ELF file"));
  EXPECT_THAT(ErrorOf("gone"), HasSubstr("gone.so': no such file or directory (ENOENT, code 2)"));
}

TEST_F(ARegistry, SaysWhatTheLoaderMissesInALibrary) {
  Add("undefined");
  Start();
  EXPECT_THAT(ErrorOf("undefined"),
              HasSubstr("lib/undefined.so' cannot be loaded: " + (directory_ / "lib/undefined.so") +
                        ": undefined symbol: NobodyDefinesThis. (A private copy is loaded"));
}

TEST_F(ARegistry, RefusesAConfigurationKeyThatNobodyRead) {
  Add("good", "[deep]\nspeling = 1\n");
  Start();
  EXPECT_EQ(StatusOf("good").state, PluginState::kFailed);
  EXPECT_THAT(ErrorOf("good"), HasSubstr("usher.toml:2:1: plugins.good.config.deep.speling: the "
                                         "plugin knows no such key"));
  EXPECT_THAT(diagnostics_.Lines(), ElementsAre("plugin good: init", "plugin good: stop",
                                                "plugin good: destroy", HasSubstr("usher.toml")));
}

TEST_F(ARegistry, TakesExceptionsAsStrikesAndQuarantinesAfterThree) {
  Add("throws");
  Add("good");
  Start();  // The snapshot is the first strike.
  EXPECT_EQ(StatusOf("throws").strikes, 1U);
  Emit(EventType::kSessionLogon);
  Emit(EventType::kSessionLogoff);
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("throws").state == PluginState::kQuarantined; }));
  EXPECT_TRUE(Eventually([&] { return Said("plugin good: event 3 session.logon"); }));
  registry_->Stop(kPatience);
  std::vector<std::string> errors;
  for (const Event& event : announcer_.Of(EventType::kPluginFailed)) {
    errors.push_back(*event.Detail("call") + " " + std::to_string(event.cause) + ": " +
                     *event.Detail("error"));
  }
  const std::string threw = "() threw an exception, which must not leave a plugin";
  EXPECT_THAT(errors,
              ElementsAre("on_snapshot 0: on_snapshot" + threw + ": no snapshots, please",
                          "on_event 1: on_event" + threw + ": no \\xFF logons",
                          "on_event 2: on_event" + threw, "stop 0: stop" + threw + ": no end",
                          "destroy 0: destroy" + threw + ": no end"));
  const auto quarantined = announcer_.Of(EventType::kPluginQuarantined);
  ASSERT_EQ(quarantined.size(), 1U);
  EXPECT_EQ(*quarantined.front().Detail("instance"), "throws");
  EXPECT_EQ(quarantined.front().cause, 2U);
  EXPECT_EQ(StatusOf("throws").state, PluginState::kQuarantined);
}

TEST_F(ARegistry, TellsWhatAPluginAnsweredAndGoesOnBehindTheEvent) {
  Add("fails");
  Start();
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("fails").acknowledged == 1; }));
  const auto failed = announcer_.Of(EventType::kPluginFailed);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed.front().details,
            (Details{{"instance", "fails"},
                     {"id", "org.example.test"},
                     {"call", "on_event"},
                     {"seq", "1"},
                     {"error", "on_event() answered USHER_IO (-9): the printer is on fire"},
                     {"strikes", "1"}}));
  EXPECT_EQ(StatusOf("fails").state, PluginState::kRunning);
}

TEST_F(ARegistry, TakesAnEventThatAPluginEndsFromAThread) {
  Add("pending");
  Start();
  for (int event = 0; event < 20; ++event) Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("pending").acknowledged == 20; }));
  EXPECT_TRUE(announcer_.Of(EventType::kPluginFailed).empty());
  EXPECT_THAT(registry_->Stop(kPatience), ElementsAre());
}

TEST_F(ARegistry, TellsAPluginWhatItCannotComplete) {
  Add("completes_badly");
  Start();
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("completes-badly").acknowledged == 1; }));
  registry_->Stop(kPatience);
  const std::string who = "plugin completes-badly: ";
  EXPECT_THAT(diagnostics_.Lines(),
              ElementsAre(who + "the next one: -3", who + "none: -3", who + "without an end: -2",
                          who + "once: 0", who + "twice: -3", who + "long ago: -3",
                          who + "in stop: -8", who + "in destroy: -8"));
  EXPECT_TRUE(announcer_.Of(EventType::kPluginFailed).empty());
}

TEST_F(ARegistry, KeepsTheCursorOfAPluginThatNeverCompletesWhereItIs) {
  Add("never_completes");
  ASSERT_TRUE(cursors_.Save("never-completes", 0).ok());
  Add("good");
  Start();
  for (int event = 0; event < 17; ++event) Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("good").acknowledged == 17; }));
  EXPECT_EQ(StatusOf("never-completes").acknowledged, 0U);
  EXPECT_THAT(registry_->Stop(kPatience), ElementsAre());
  EXPECT_EQ(cursors_.Load("never-completes").value(), (StoredCursor{0, ""}));
}

TEST_F(ARegistry, StrikesAPluginThatAlwaysAsksForAnotherTry) {
  Add("retries");
  LaneOptions lane = Lane();
  lane.retry = {milliseconds(1), milliseconds(1), milliseconds(3)};
  registry_->Load(settings_, lane);
  registry_->Activate(kPatience);
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return StatusOf("retries").acknowledged == 1; }));
  const auto failed = announcer_.Of(EventType::kPluginFailed);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed.front().cause, 1U);
  EXPECT_THAT(*failed.front().Detail("error"), HasSubstr("it asked for another try for"));
  EXPECT_EQ(StatusOf("retries").strikes, 1U);
}

TEST_F(ARegistry, ForgetsStrikesThatAreLongAgo) {
  Add("fails");
  Start();
  for (Seq seq = 1; seq <= 5; ++seq) {
    Emit(EventType::kSessionLogon);
    ASSERT_TRUE(Eventually([&] { return StatusOf("fails").acknowledged == seq; }));
    clock_.realtime_us += 6LL * 60 * 1'000'000;
  }
  EXPECT_EQ(StatusOf("fails").strikes, 2U);
  EXPECT_EQ(StatusOf("fails").state, PluginState::kRunning);
}

TEST_F(ARegistry, MakesAnEndlessErrorTextAnEndingOneOfUtf8) {
  Add("endless_error");
  Start();
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return !ErrorOf("endless-error").empty(); }));
  EXPECT_THAT(ErrorOf("endless-error"), HasSubstr("on_event() answered 12345: \\xEE\\xEE"));
  EXPECT_LE(ErrorOf("endless-error").size(), 2100U);
}

TEST_F(ARegistry, NeverTellsAnInstanceWhatItCausedItself) {
  Add("good");
  Start();
  Emit(EventType::kPluginFailed, {{"instance", "good"}});
  Emit(EventType::kPluginFailed, {{"instance", "another"}});
  EXPECT_TRUE(Eventually([&] { return StatusOf("good").acknowledged == 2; }));
  EXPECT_TRUE(Said("plugin good: event 2 plugin.failed"));
  EXPECT_FALSE(Said("plugin good: event 1 plugin.failed"));
}

TEST_F(ARegistry, GivesTwoInstancesOfOneLibraryALifeEach) {
  Install("good");
  settings_.plugins = {PluginOf("one", "good"), PluginOf("two", directory_ / "lib/good.so"),
                       PluginOf("three", "lib/good.so"), PluginOf("off", "good")};
  settings_.plugins.back().enabled = false;
  Start();
  Emit(EventType::kSessionLogon);
  for (const char* name : {"one", "two", "three"}) {
    const std::string line = std::string("plugin ") + name + ": event 1 session.logon";
    EXPECT_TRUE(Eventually([&] { return Said(line); })) << name;
  }
  EXPECT_EQ(StatusOf("off").state, PluginState::kDisabled);
  registry_->Stop(kPatience);
  const auto lines = diagnostics_.Lines();
  const auto at = [&lines](const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) - lines.begin();
  };
  EXPECT_LT(at("plugin one: init"), at("plugin two: init"));
  EXPECT_LT(at("plugin two: stop"), at("plugin one: stop"));
}

TEST_F(ARegistry, StartsAnInstanceThatWasDisabledAtTheLogsEndAndSaysSo) {
  Add("good");
  Emit(EventType::kSessionLogon);
  ASSERT_TRUE(cursors_.Save("good", 1).ok());
  settings_.plugins.front().enabled = false;
  Start();
  EXPECT_EQ(cursors_.Load("good").value(), (StoredCursor{1, "disabled"}));
  registry_ = std::make_unique<PluginRegistry>(context_);
  for (int logon = 0; logon < 2; ++logon) Emit(EventType::kSessionLogon);
  committed_ = 2;
  CommitSession("7");
  settings_.plugins.front().enabled = true;
  Start();
  const auto skipped = announcer_.Of(EventType::kPluginSkipped);
  ASSERT_EQ(skipped.size(), 1U);
  EXPECT_EQ(*skipped.front().Detail("from"), "2");
  EXPECT_EQ(*skipped.front().Detail("to"), "3");
  EXPECT_EQ(*skipped.front().Detail("reason"), "disabled");
}

TEST_F(ARegistry, SaysSoWhenItCannotNoteThatAnInstanceIsDisabled) {
  Add("good");
  std::filesystem::create_directories(directory_ / "state/cursors");
  std::ofstream(directory_ / "state/cursors/good") << "rubbish";
  settings_.plugins.front().enabled = false;
  Start();
  EXPECT_THAT(diagnostics_.Lines(), Contains(HasSubstr("that it is disabled cannot be noted")));
}

TEST_F(ARegistry, RunsTheNewCodeOfALibraryThatWasBuiltAnew) {
  std::vector<std::unique_ptr<PluginRegistry>> registries;  // The older builds stay loaded.
  for (const char* kind : {"hidden", "exposed"}) {
    for (const char* generation : {"1", "2"}) {
      Install(std::string(kind) + "_" + generation, "changing");
      settings_.plugins = {PluginOf(std::string(kind) + generation, "changing")};
      Start();
      registries.push_back(std::exchange(registry_, std::make_unique<PluginRegistry>(context_)));
    }
  }
  EXPECT_TRUE(Said("plugin hidden1: code 1, static 1"));
  EXPECT_TRUE(Said("plugin hidden2: code 2, static 2"));
  // What gcc exports as unique is there once per process, so the static may be the older one.
  EXPECT_THAT(diagnostics_.Lines(), Contains(HasSubstr("plugin exposed1: code 1, static 1")));
  EXPECT_THAT(diagnostics_.Lines(), Contains(HasSubstr("plugin exposed2: code 2, static")));
}

TEST_F(ARegistry, SurvivesThatALibraryIsTruncatedWhileItRuns) {
  Add("good");
  Start();
  std::filesystem::resize_file(directory_ / "lib/good.so", 0);
  Emit(EventType::kSessionLogon);
  EXPECT_TRUE(Eventually([&] { return Said("plugin good: event 1 session.logon"); }));
}

TEST_F(ARegistry, FailsEveryPluginWhereNoPrivateCopyCanBeMade) {
  std::filesystem::create_directories(settings_.state_directory);
  std::ofstream(settings_.state_directory + "/modules") << "a file";
  Add("good");
  Start();
  EXPECT_THAT(ErrorOf("good"), HasSubstr("state/modules': not a directory (ENOTDIR, code 20)"));
}

TEST_F(ARegistry, GoesOnWithoutAPluginThatIsLateAndTakesItInLater) {
  Add("waits");
  Add("good");
  registry_->Load(settings_, Lane());
  registry_->Activate(milliseconds(50));
  EXPECT_TRUE(announcer_.Of(EventType::kPluginOverdue).empty()) << "its own time is not over";
  EXPECT_EQ(StatusOf("waits").state, PluginState::kStarting);
  EXPECT_THAT(StatusOf("waits").last_error, HasSubstr("not ready after 50 ms"));
  EXPECT_TRUE(Eventually([&] { return StatusOf("good").state == PluginState::kRunning; }));
  CommitSession("7");
  EXPECT_TRUE(Eventually([&] { return StatusOf("waits").state == PluginState::kRunning; }));
  EXPECT_EQ(StatusOf("waits").last_error, "");
}

using ARegistryDeathTest = ARegistry;

TEST_F(ARegistryDeathTest, LeavesAStuckPluginBehindAndStopsTheOthers) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Add("good");
        Add("stuck");
        Start();
        Emit(EventType::kSessionLogon);
        const bool inside = Eventually(
            [&] { return StatusOf("good").acknowledged == 1 && Said("plugin stuck: stuck now"); });
        const auto stuck = registry_->Stop(milliseconds(200));
        const bool named = stuck == std::vector<std::string>{"stuck"};
        const bool told = StatusOf("stuck").state == PluginState::kFailed;
        const auto overdue = announcer_.Of(EventType::kPluginOverdue);
        const bool announced = overdue.size() == 1 && *overdue[0].Detail("call") == "stop";
        registry_.reset();
        const bool mapped = !std::filesystem::is_empty(directory_ / "state/modules");
        std::filesystem::remove_all(directory_.path());
        _exit(inside && named && told && announced && mapped && Said("plugin good: destroy") ? 0
                                                                                             : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace broker
