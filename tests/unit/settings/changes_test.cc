#include "settings/changes.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/load.h"

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Settings Parsed(const std::string& text) {
  LoadedSettings loaded = ParseSettings(text, "/etc/usher/usher.toml");
  EXPECT_THAT(ToString(loaded.errors), "");
  return loaded.settings;
}

constexpr const char* kTwo =
    "[plugins.one]\nlibrary = \"a\"\n[plugins.one.config]\nkey = [1, 2]\n"
    "[plugins.two]\nlibrary = \"/b.so\"\n";

TEST(PluginChanges, AreNoneBetweenTwoTextsThatSayTheSame) {
  const Settings moved = Parsed(
      "# a comment\n[plugins.two]\nlibrary = '/b.so'\nenabled = true\n\n"
      "[plugins.one]\nlibrary = \"a\"\nconfig.key = [ 1,\n 2 ]\n");
  EXPECT_EQ(ComparePlugins(Parsed(kTwo), moved), PluginChanges());
}

TEST(PluginChanges, NameWhatIsNewAndWhatIsGone) {
  const Settings wanted = Parsed(
      "[plugins.zero]\nlibrary = \"z\"\n[plugins.two]\nlibrary = \"/b.so\"\n"
      "[plugins.new]\nlibrary = \"n\"\n");
  const PluginChanges changes = ComparePlugins(Parsed(kTwo), wanted);
  EXPECT_THAT(changes.added, ElementsAre("zero", "new"));
  EXPECT_THAT(changes.changed, IsEmpty());
  EXPECT_THAT(changes.removed, ElementsAre("one"));
}

class AChangedKey : public ::testing::TestWithParam<const char*> {};

TEST_P(AChangedKey, ChangesItsInstanceOnly) {
  const std::string other = "[plugins.other]\nlibrary = \"o\"\n";
  const Settings running = Parsed(other + "[plugins.it]\nlibrary = \"a\"\nconfig.key = 1\n");
  const Settings wanted = Parsed(other + "[plugins.it]\n" + GetParam());
  EXPECT_EQ(ComparePlugins(running, wanted), (PluginChanges{{}, {"it"}, {}}));
}

INSTANTIATE_TEST_SUITE_P(
    Each, AChangedKey,
    ::testing::Values("library = \"b\"\nconfig.key = 1\n", "library = \"a\"\nconfig.key = 2\n",
                      "library = \"a\"\nconfig.key = 1.0\n", "library = \"a\"\nconfig.other = 1\n",
                      "library = \"a\"\n", "library = \"a\"\nconfig.key = 1\nenabled = false\n",
                      "library = \"a\"\nconfig.key = 1\nwatch = true\n",
                      "library = \"a\"\nconfig.key = 1\nreplay_max_age = \"1 h\"\n",
                      "library = \"a\"\nconfig.key = 1\ndeny = [\"usher.emit/1\"]\n",
                      "library = \"a\"\nconfig.key = 1\ngrant = [\"usher.run/1\"]\n",
                      "library = \"a\"\nconfig.key = 1\nstart_timeout = \"1 s\"\n",
                      "library = \"a\"\nconfig.key = 1\nevent_timeout = \"1 s\"\n",
                      "library = \"a\"\nconfig.key = 1\nstop_timeout = \"1 s\"\n"));

TEST(AnotherPluginDirectory, ChangesWhoIsNamedWithoutAFolder) {
  const Settings wanted = Parsed(std::string("plugin_directory = \"/elsewhere\"\n") + kTwo);
  EXPECT_EQ(ComparePlugins(Parsed(kTwo), wanted), (PluginChanges{{}, {"one"}, {}}));
}

TEST(WhatNeedsARestart, IsKeptAndNamedAndTheRestIsTaken) {
  const Settings running = Parsed("");
  Settings wanted = Parsed(
      "state_directory = \"/s\"\nruntime_directory = \"/r\"\nplugin_directory = \"/p\"\n"
      "allow_watch = true\n[log]\ndirectory = \"/l\"\nsync = \"interval\"\nsync_interval = \"2 "
      "s\"\n"
      "segment_size = \"1 MiB\"\nsegment_age = \"1 h\"\ntotal_size = \"1 TiB\"\ntotal_age = \"9 "
      "d\"\n"
      "[control]\nsocket = \"/c\"\nallow_emit = true\n"
      "[source]\ntype = \"simulated\"\nscenario = \"/x.toml\"\npace = 2.0\n");
  EXPECT_THAT(KeepWhatNeedsRestart(running, wanted),
              ElementsAre("state_directory", "runtime_directory", "source.type", "source.scenario",
                          "source.pace", "log.directory", "log.sync", "log.sync_interval",
                          "log.segment_size", "log.segment_age", "log.total_size", "log.total_age",
                          "control.socket"));
  EXPECT_EQ(wanted.log.directory, running.log.directory);
  EXPECT_EQ(wanted.source.type, "logind");
  EXPECT_EQ(wanted.plugin_directory, "/p");
  EXPECT_TRUE(wanted.control.allow_emit);
  EXPECT_TRUE(wanted.allow_watch);
  EXPECT_THAT(KeepWhatNeedsRestart(running, wanted), IsEmpty());
}

TEST(WhatNeedsARestart, IsAlsoWhatAReplayPlays) {
  const Settings running = Parsed("[source]\ntype = \"replay\"\nrecording = \"/a\"\n");
  Settings wanted = Parsed("[source]\ntype = \"replay\"\nrecording = \"/b\"\nspeed = 2.0\n");
  EXPECT_THAT(KeepWhatNeedsRestart(running, wanted),
              ElementsAre("source.recording", "source.speed"));
}

}  // namespace
}  // namespace broker
