#include "settings/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/unit/settings/settings_text.h"

namespace broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kFull = R"(state_directory = "/s"
runtime_directory = "/r"
plugin_directory = "/p"

[source]
type = "simulated"
scenario = "/day.toml"
pace = 0.5

[log]
directory = "/l"
sync = "interval"
sync_interval = "250 ms"
segment_size = "64 KiB"
segment_age = "7 days"
total_size = 131072
total_age = "30 d"

[control]
socket = "/c.sock"

[plugins.second]
library = "presence"

[plugins.first]
library = "/opt/x.so"
enabled = false
replay_max_age = "2 h"

[plugins.first.config]
colour = "red"
)";

TEST(AnEmptyConfiguration, IsAllDefaults) {
  const LoadedSettings loaded = ParseSettings("", "usher.toml");
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.settings.file, "usher.toml");
  EXPECT_EQ(loaded.settings.state_directory, "/var/lib/usher");
  EXPECT_EQ(loaded.settings.runtime_directory, "/run/usher");
  EXPECT_EQ(loaded.settings.plugin_directory, DefaultPluginDirectory());
  EXPECT_EQ(loaded.settings.source.type, "logind");
  EXPECT_EQ(loaded.settings.source.position.line, 0U);
  EXPECT_EQ(loaded.settings.log.directory, "/var/log/usher");
  EXPECT_EQ(loaded.settings.log.segment_bytes, 16'777'216U);
  EXPECT_EQ(loaded.settings.log.total_bytes, 1'073'741'824U);
  EXPECT_EQ(loaded.settings.log.sync, SyncSetting::kAlways);
  EXPECT_EQ(loaded.settings.log.sync_interval_us, 1'000'000);
  EXPECT_EQ(loaded.settings.log.segment_age_us, 86'400'000'000);
  EXPECT_EQ(loaded.settings.log.total_age_us, 0);
  EXPECT_EQ(loaded.settings.control.socket, "/run/usher/control.sock");
  EXPECT_THAT(loaded.settings.plugins, IsEmpty());
}

TEST(TheDefaultPluginDirectory, IsAnAbsolutePathOfTheInstallation) {
  const std::filesystem::path folder = DefaultPluginDirectory();
  EXPECT_TRUE(folder.is_absolute());
  EXPECT_THAT(folder.string(), testing::EndsWith("/usher/plugins"));
}

TEST(AFullConfiguration, IsReadInEveryKey) {
  const LoadedSettings loaded = ParseSettings(kFull, "usher.toml");
  ASSERT_THAT(ErrorsOf(kFull), IsEmpty());
  const Settings& settings = loaded.settings;
  EXPECT_EQ(settings.state_directory, "/s");
  EXPECT_EQ(settings.runtime_directory, "/r");
  EXPECT_EQ(settings.plugin_directory, "/p");
  EXPECT_EQ(settings.source.type, "simulated");
  EXPECT_EQ(settings.source.scenario, "/day.toml");
  EXPECT_EQ(settings.source.pace, 0.5);
  EXPECT_EQ(settings.source.position.line, 5U);
  EXPECT_EQ(settings.log.directory, "/l");
  EXPECT_EQ(settings.log.segment_bytes, 65'536U);
  EXPECT_EQ(settings.log.total_bytes, 131'072U);
  EXPECT_EQ(settings.log.sync, SyncSetting::kInterval);
  EXPECT_EQ(settings.log.sync_interval_us, 250'000);
  EXPECT_EQ(settings.log.segment_age_us, 604'800'000'000);
  EXPECT_EQ(settings.log.total_age_us, 2'592'000'000'000);
  ASSERT_EQ(settings.plugins.size(), 2U);
  EXPECT_EQ(settings.plugins[0].replay_max_age_us, 600'000'000);
  EXPECT_EQ(settings.plugins[1].replay_max_age_us, 7'200'000'000);
  EXPECT_EQ(settings.control.socket, "/c.sock");
}

TEST(EveryErrorOfAFile, IsReportedAtOnceInTheOrderOfTheFile) {
  const std::string text = R"(state_directory = 5
[log]
segmnt_size = "1 MiB"
total_size="1 MB"
segment_size=-3
directory="x"
state_directory="/y"
[source]
type="logindd"
pace=nan
[plugin.x]
[control]
  sockett=1
)";
  EXPECT_THAT(
      ErrorsOf(text),
      ElementsAre(
          "usher.toml:1:19: state_directory: expected a text, e.g. state_directory = "
          "\"/var/lib/usher\"; found the integer 5",
          "usher.toml:3:1: log.segmnt_size: unknown key; did you mean \"segment_size\"?",
          "usher.toml:4:12: log.total_size: expected a size in B, KiB, MiB, GiB or TiB, e.g. "
          "total_size = \"1 GiB\"; found the text \"1 MB\"",
          "usher.toml:5:14: log.segment_size: must be from \"64 KiB\" to \"1 GiB\"; found the "
          "integer -3",
          "usher.toml:6:11: log.directory: must be an absolute path, e.g. \"/var/log/usher\"; "
          "found "
          "\"x\"",
          "usher.toml:7:1: log.state_directory: unknown key; it belongs to the top of the file, "
          "above the first [table]",
          "usher.toml:9:6: source.type: must be \"logind\", \"simulated\" or \"replay\"; found "
          "the text \"logindd\"; did you mean \"logind\"?",
          "usher.toml:10:6: source.pace: must be from 0 to 1000; found the number nan",
          "usher.toml:11:2: plugin: unknown table; did you mean \"plugins\"?",
          "usher.toml:13:3: control.sockett: unknown key; did you mean \"socket\"?"));
}

TEST(AnUnknownTopLevelKey, ListsWhatThereIs) {
  EXPECT_THAT(
      ErrorsOf("colour = 1"),
      ElementsAre("usher.toml:1:1: colour: unknown key; known here: state_directory, "
                  "runtime_directory, plugin_directory, allow_watch, source, log, control or "
                  "plugins"));
}

TEST(TablesGivenAsValues, AreWrongTypes) {
  EXPECT_THAT(
      ErrorsOf("source = 1\nlog = \"x\"\ncontrol = [1]\nplugins = true"),
      ElementsAre("usher.toml:1:10: source: expected a table, e.g. [source]; found the integer 1",
                  "usher.toml:2:7: log: expected a table, e.g. [log]; found the text \"x\"",
                  "usher.toml:3:11: control: expected a table, e.g. [control]; found an array",
                  "usher.toml:4:11: plugins: expected a table, e.g. [plugins]; found true"));
  EXPECT_THAT(ErrorsOf("[[log]]\n"),
              ElementsAre("usher.toml:1:1: log: expected a table, e.g. [log]; "
                          "found an array of tables"));
}

TEST(DottedAndInlineTables, AreTheSameConfiguration) {
  EXPECT_THAT(ErrorsOf("log.directory = \"/l\"\ncontrol = {socket = \"/c\"}\n"), IsEmpty());
  const LoadedSettings loaded = ParseSettings("log.directory = \"/l\"", "usher.toml");
  EXPECT_EQ(loaded.settings.log.directory, "/l");
}

TEST(Directories, MustBeAbsolutePathsThatAreNotEmpty) {
  EXPECT_THAT(ErrorsOf("state_directory = \"\"\nruntime_directory = \"run\"\n"
                       "plugin_directory = \"/a\\u0000b\"\n[control]\nsocket = \"./s\"\n"),
              ElementsAre("usher.toml:1:19: state_directory: must not be empty",
                          "usher.toml:2:21: runtime_directory: must be an absolute path, e.g. "
                          "\"/run/usher\"; found \"run\"",
                          "usher.toml:3:20: plugin_directory: must not contain NUL characters",
                          "usher.toml:5:10: control.socket: must be an absolute path, e.g. "
                          "\"/run/usher/control.sock\"; found \"./s\""));
}

TEST(ASimulatedSource, NeedsAScenario) {
  EXPECT_THAT(
      ErrorsOf("[source]\ntype = \"simulated\"\n"),
      ElementsAre("usher.toml:1:1: source.scenario: is missing; a simulated source needs the "
                  "file it plays"));
  EXPECT_THAT(ErrorsOf("[source]\ntype = \"simulated\"\nscenario = \"\"\n"),
              ElementsAre("usher.toml:3:12: source.scenario: must not be empty"));
}

TEST(ScenarioAndPace, GoWithTheSimulatedSourceOnly) {
  const std::string said =
      ": goes with the simulated source only; remove it, or set type = \"simulated\"";
  EXPECT_THAT(
      ErrorsOf("[source]\nscenario = \"/x\"\npace = 1"),
      ElementsAre("usher.toml:2:12: source.scenario" + said, "usher.toml:3:8: source.pace" + said));
  EXPECT_THAT(ErrorsOf("[source]\nscenario = \"/x\"\ntype = \"logind\""),
              ElementsAre("usher.toml:2:12: source.scenario" + said));
}

TEST(AReplaySource, IsReadInEveryKey) {
  const std::string text = "[source]\ntype = \"replay\"\nrecording = \"day\"\nspeed = 2.5\n";
  ASSERT_THAT(ErrorsOf(text), IsEmpty());
  const SourceSettings source = ParseSettings(text, "/etc/usher/usher.toml").settings.source;
  EXPECT_EQ(source.type, "replay");
  EXPECT_EQ(source.recording, "/etc/usher/day");
  EXPECT_EQ(source.speed, 2.5);
}

TEST(AReplaySource, NeedsARecording) {
  EXPECT_THAT(ErrorsOf("[source]\ntype = \"replay\"\n"),
              ElementsAre("usher.toml:1:1: source.recording: is missing; a replay source needs the "
                          "folder of the log it plays"));
  EXPECT_THAT(ErrorsOf("[source]\ntype = \"replay\"\nrecording = \"\"\n"),
              ElementsAre("usher.toml:3:13: source.recording: must not be empty"));
}

TEST(RecordingAndSpeed, GoWithTheReplaySourceOnly) {
  const std::string said =
      ": goes with the replay source only; remove it, or set type = \"replay\"";
  EXPECT_THAT(ErrorsOf("[source]\nrecording = \"/x\"\nspeed = 1"),
              ElementsAre("usher.toml:2:13: source.recording" + said,
                          "usher.toml:3:9: source.speed" + said));
  EXPECT_THAT(ErrorsOf("[source]\ntype = \"replay\"\nrecording = \"/x\"\npace = 1"),
              ElementsAre("usher.toml:4:8: source.pace: goes with the simulated source only; "
                          "remove it, or set type = \"simulated\""));
}

TEST(Speed, IsANumberFrom0To10000) {
  const std::string start = "[source]\ntype = \"replay\"\nrecording = \"/x\"\nspeed = ";
  EXPECT_EQ(ParseSettings("", "usher.toml").settings.source.speed, 1.0);
  EXPECT_THAT(ErrorsOf(start + "0"), IsEmpty());
  EXPECT_THAT(ErrorsOf(start + "10000"), IsEmpty());
  EXPECT_THAT(
      ErrorsOf(start + "-1"),
      ElementsAre("usher.toml:4:9: source.speed: must be from 0 to 10000; found the integer -1"));
}

TEST(Speed, IsNotSoLowThatTheReplayStandsStill) {
  const std::string start = "[source]\ntype = \"replay\"\nrecording = \"/x\"\nspeed = ";
  EXPECT_THAT(ErrorsOf(start + "0.001"), IsEmpty());
  EXPECT_THAT(ErrorsOf(start + "1e-300"),
              ElementsAre("usher.toml:4:9: source.speed: must be 0, or from 0.001 to 10000; found "
                          "the number 1e-300"));
}

TEST(Pace, IsANumberFrom0To1000) {
  const std::string start = "[source]\ntype = \"simulated\"\nscenario = \"/x\"\npace = ";
  EXPECT_THAT(ErrorsOf(start + "0"), IsEmpty());
  EXPECT_THAT(ErrorsOf(start + "1000.0"), IsEmpty());
  EXPECT_THAT(
      ErrorsOf(start + "-0.1"),
      ElementsAre("usher.toml:4:8: source.pace: must be from 0 to 1000; found the number -0.1"));
  EXPECT_THAT(
      ErrorsOf(start + "\"1\""),
      ElementsAre("usher.toml:4:8: source.pace: expected a number, e.g. pace = 0; found the "
                  "text \"1\""));
}

TEST(ARelativeScenario, StartsAtTheFileItStandsIn) {
  const std::string text = "[source]\ntype = \"simulated\"\nscenario = \"";
  const auto scenario = [&text](const std::string& path, const std::string& file) {
    return ParseSettings(text + path + "\"", file).settings.source.scenario;
  };
  EXPECT_EQ(scenario("day.toml", "/etc/usher/usher.toml"), "/etc/usher/day.toml");
  EXPECT_EQ(scenario("../day.toml", "/etc/usher/usher.toml"), "/etc/day.toml");
  EXPECT_EQ(scenario("/abs/day.toml", "/etc/usher/usher.toml"), "/abs/day.toml");
  EXPECT_EQ(scenario("day.toml", "usher.toml"),
            (std::filesystem::current_path() / "day.toml").string());
}

TEST(SegmentSize, HasBothItsLimits) {
  EXPECT_THAT(ErrorsOf("[log]\nsegment_size = \"64 KiB\""), IsEmpty());
  EXPECT_THAT(ErrorsOf("[log]\nsegment_size = \"1 GiB\"\ntotal_size = \"2 GiB\""), IsEmpty());
  for (const std::string value : {"65535", "\"1025 MiB\"", "0", "9223372036854775807"}) {
    EXPECT_THAT(
        ErrorsOf("[log]\nsegment_size = " + value),
        ElementsAre(HasSubstr("usher.toml:2:16: log.segment_size: must be from \"64 KiB\" to "
                              "\"1 GiB\"; found")));
  }
}

TEST(TotalSize, HoldsTwoSegmentsAtLeast) {
  const std::string said = ": total_size must hold two segments at least; found total_size ";
  EXPECT_THAT(ErrorsOf("[log]\ntotal_size = \"31 MiB\""),
              ElementsAre("usher.toml:2:14: log.total_size" + said +
                          "\"31 MiB\", segment_size \"16 MiB\""));
  EXPECT_THAT(ErrorsOf("[log]\nsegment_size = \"1 GiB\""),
              ElementsAre("usher.toml:2:16: log.segment_size" + said +
                          "\"1 GiB\", segment_size \"1 GiB\""));
  EXPECT_THAT(ErrorsOf("[log]\ntotal_size = \"32 MiB\""), IsEmpty());
  EXPECT_THAT(ErrorsOf("[log]\ntotal_size = \"17 TiB\""),
              ElementsAre(HasSubstr("must be from \"128 KiB\" to \"16 TiB\"")));
}

TEST(SyncModes, AreOneOfThree) {
  const auto mode = [](const std::string& name) {
    return ParseSettings("[log]\nsync = '" + name + "'", "usher.toml").settings.log.sync;
  };
  EXPECT_EQ(mode("always"), SyncSetting::kAlways);
  EXPECT_EQ(mode("interval"), SyncSetting::kInterval);
  EXPECT_EQ(mode("never"), SyncSetting::kNever);
  EXPECT_THAT(ErrorsOf("[log]\nsync = 'allways'"),
              ElementsAre("usher.toml:2:8: log.sync: must be \"always\", \"interval\" or "
                          "\"never\"; found the text \"allways\"; did you mean \"always\"?"));
}

TEST(ASyncInterval, GoesWithThatModeOnly) {
  const std::string said =
      ": goes with sync = \"interval\" only; remove it, or set sync = \"interval\"";
  EXPECT_THAT(ErrorsOf("[log]\nsync_interval = '1 s'"),
              ElementsAre("usher.toml:2:17: log.sync_interval" + said));
  EXPECT_THAT(ErrorsOf("[log]\nsync = 'never'\nsync_interval = '1 s'"),
              ElementsAre("usher.toml:3:17: log.sync_interval" + said));
  EXPECT_THAT(ErrorsOf("[log]\nsync = 'interval'"), IsEmpty());
}

TEST(TheLogsTimes, HaveTheirLimits) {
  const std::string start = "[log]\nsync = 'interval'\n";
  EXPECT_THAT(ErrorsOf(start + "sync_interval = '10 ms'\nsegment_age = '1 min'\n"
                               "total_age = '1 min'"),
              IsEmpty());
  EXPECT_THAT(ErrorsOf(start + "sync_interval = '1 h'\nsegment_age = '365 d'\n"
                               "total_age = 'unlimited'"),
              IsEmpty());
  EXPECT_THAT(ErrorsOf(start + "sync_interval = '9 ms'\nsegment_age = '59 s'\n"
                               "total_age = '0 s'"),
              ElementsAre(HasSubstr("log.sync_interval: must be from \"10 ms\" to \"1 h\""),
                          HasSubstr("log.segment_age: must be from \"1 min\" to \"365 d\""),
                          HasSubstr("log.total_age: must be from \"1 min\" to \"36500 d\", or "
                                    "\"unlimited\"")));
  EXPECT_THAT(ErrorsOf("[log]\nsegment_age = 'unlimited'"),
              ElementsAre(HasSubstr("expected a time in us, ms, s, min, h or d, e.g. segment_age = "
                                    "\"1 d\"")));
}

TEST(AnErrorText, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(ToString({{"f", 3, 7}, "a.b", "is wrong"}), "f:3:7: a.b: is wrong");
  EXPECT_EQ(ToString({{"f", 3, 7}, "", "is wrong"}), "f:3:7: is wrong");
  EXPECT_EQ(ToString({{"f", 0, 0}, "", "cannot be read"}), "f: cannot be read");
  EXPECT_EQ(ToString({{}, "", "is wrong"}), "is wrong");
}

TEST(ASyntaxError, IsTheOnlyOneAndLeavesDefaults) {
  const LoadedSettings loaded = ParseSettings("state_directory = 5\n[log\n", "usher.toml");
  ASSERT_EQ(loaded.errors.size(), 1U);
  EXPECT_EQ(ToString(loaded.errors[0]),
            "usher.toml:2:5: syntax error in a table header: expected ']', saw '\\n'");
  EXPECT_EQ(loaded.settings.state_directory, "/var/lib/usher");
}

TEST(AFileTruncatedAnywhere, NeverCrashesAndIsPlacedInside) {
  for (size_t length = 0; length <= kFull.size(); ++length) {
    const LoadedSettings loaded = ParseSettings(kFull.substr(0, length), "usher.toml");
    for (const SettingsError& error : loaded.errors) {
      ASSERT_GE(error.position.line, 1U) << length;
      ASSERT_LE(error.position.line, 31U) << length;
      ASSERT_FALSE(error.message.empty());
    }
  }
}

TEST(AFileWithAnyByteChanged, NeverCrashes) {
  for (size_t at = 0; at < kFull.size(); ++at) {
    for (const char byte : {'\0', '\n', '"', '[', '.', '=', '\x80', '\xFF', 'z'}) {
      std::string text(kFull);
      text[at] = byte;
      (void)ParseSettings(text, "usher.toml");
    }
  }
}

TEST(ManyErrors, AreAllReported) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "wrong" + std::to_string(i) + " = 1\n";
  const std::vector<SettingsError> errors = ParseSettings(text, "usher.toml").errors;
  ASSERT_EQ(errors.size(), 1000U);
  for (uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(errors[i].position.line, i + 1);
}

TEST(WrongTypesDeepInside, AreNamedByTheirWholePath) {
  EXPECT_THAT(
      ErrorsOf("plugins = {a = {library = [1], enabled = {}, config = 7}}"),
      ElementsAre("usher.toml:1:27: plugins.a.library: expected a text, e.g. library = "
                  "\"presence\"; found an array",
                  "usher.toml:1:42: plugins.a.enabled: expected true or false, e.g. enabled = "
                  "true; found a table",
                  "usher.toml:1:55: plugins.a.config: expected a table, e.g. "
                  "[plugins.a.config]; found the integer 7"));
}

}  // namespace
}  // namespace broker
