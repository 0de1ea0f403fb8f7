#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "settings/load.h"
#include "settings/toml.h"
#include "tests/unit/settings/settings_text.h"

namespace broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> NamesOf(const std::string& text) {
  std::vector<std::string> names;
  for (const PluginSettings& plugin : ParseSettings(text, "usher.toml").settings.plugins) {
    names.push_back(plugin.name);
  }
  return names;
}

PluginSettings Only(const std::string& text, const std::string& file = "/etc/usher/usher.toml") {
  LoadedSettings loaded = ParseSettings(text, file);
  EXPECT_THAT(loaded.errors, IsEmpty());
  return loaded.settings.plugins.size() == 1 ? loaded.settings.plugins.front() : PluginSettings{};
}

TEST(Instances, KeepTheOrderOfTheFile) {
  EXPECT_THAT(NamesOf("[plugins.zebra]\nlibrary = 'a'\n[plugins.ant]\nlibrary = 'a'\n"
                      "[plugins.mole]\nlibrary = 'a'\n"),
              ElementsAre("zebra", "ant", "mole"));
  EXPECT_THAT(NamesOf("plugins = {z = {library = 'a'}, a = {library = 'a'}}"),
              ElementsAre("z", "a"));
}

TEST(AnInstance, StandsWhereItIsNamedFirst) {
  EXPECT_THAT(
      NamesOf("[plugins.b.config]\n[plugins.a]\nlibrary = 'a'\n[plugins.b]\nlibrary = 'a'\n"),
      ElementsAre("b", "a"));
}

TEST(SeveralInstances, MayShareALibrary) {
  EXPECT_THAT(ErrorsOf("[plugins.one]\nlibrary = 'a'\n[plugins.two]\nlibrary = 'a'\n"), IsEmpty());
}

TEST(AnInstance, IsEnabledUnlessItSaysOtherwise) {
  EXPECT_TRUE(Only("[plugins.a]\nlibrary = 'a'").enabled);
  EXPECT_FALSE(Only("[plugins.a]\nlibrary = 'a'\nenabled = false").enabled);
}

TEST(AnInstance, RedeliversWhatIsYoungerThanTenMinutesUnlessItSaysOtherwise) {
  const std::string start = "[plugins.a]\nlibrary = 'a'\nreplay_max_age = ";
  EXPECT_EQ(Only("[plugins.a]\nlibrary = 'a'").replay_max_age_us, 600'000'000);
  EXPECT_EQ(Only(start + "'90 s'").replay_max_age_us, 90'000'000);
  EXPECT_EQ(Only(start + "'unlimited'").replay_max_age_us, 0);
  EXPECT_THAT(ErrorsOf(start + "'366 days'"),
              ElementsAre("usher.toml:3:18: plugins.a.replay_max_age: must be from \"1 s\" to "
                          "\"365 d\", or \"unlimited\"; found the text \"366 days\""));
}

TEST(AnInstance, KnowsItsPlace) {
  const PluginSettings plugin = Only("\n\n[plugins.a]\nlibrary = 'a'");
  EXPECT_EQ(plugin.position.file, "/etc/usher/usher.toml");
  EXPECT_EQ(plugin.position.line, 3U);
  EXPECT_EQ(plugin.position.column, 1U);
}

TEST(AnInstance, MayBeDeniedExtensions) {
  EXPECT_THAT(Only("[plugins.a]\nlibrary = 'a'").deny, IsEmpty());
  EXPECT_THAT(Only("[plugins.a]\nlibrary = 'a'\ndeny = ['usher.emit/1', 'b']").deny,
              ElementsAre("usher.emit/1", "b"));
  EXPECT_THAT(ErrorsOf("[plugins.a]\nlibrary = 'a'\ndeny = ['usher.emit/1', 2]\n"),
              ElementsAre("usher.toml:3:8: plugins.a.deny: expected an array of texts, e.g. deny = "
                          "[\"usher.emit/1\"]; found an array"));
}

TEST(AnInstance, MayBeGrantedWhatNotEverybodyHas) {
  EXPECT_THAT(Only("[plugins.a]\nlibrary = 'a'").grant, IsEmpty());
  EXPECT_THAT(Only("[plugins.a]\nlibrary = 'a'\ngrant = ['usher.run/1']").grant,
              ElementsAre("usher.run/1"));
  EXPECT_THAT(
      ErrorsOf("[plugins.a]\nlibrary = 'a'\ngrant = 'usher.run/1'\n"),
      ElementsAre("usher.toml:3:9: plugins.a.grant: expected an array of texts, e.g. grant = "
                  "[\"usher.run/1\"]; found the text \"usher.run/1\""));
}

TEST(ALibrary, IsRequired) {
  EXPECT_THAT(
      ErrorsOf("[plugins.a]\nenabled = false\n"),
      ElementsAre("usher.toml:1:1: plugins.a.library: is missing; add library = \"presence\""));
}

TEST(ABareLibraryName, StaysAsItIs) {
  EXPECT_EQ(Only("[plugins.a]\nlibrary = 'presence'").library, "presence");
  EXPECT_EQ(Only("[plugins.a]\nlibrary = 'libx.so'").library, "libx.so");
}

TEST(ALibraryPath, StartsAtTheFileItStandsInUnlessAbsolute) {
  EXPECT_EQ(Only("[plugins.a]\nlibrary = '/opt/x.so'").library, "/opt/x.so");
  EXPECT_EQ(Only("[plugins.a]\nlibrary = './x.so'").library, "/etc/usher/x.so");
  EXPECT_EQ(Only("[plugins.a]\nlibrary = 'build/x.so'").library, "/etc/usher/build/x.so");
  EXPECT_EQ(Only("[plugins.a]\nlibrary = '../x.so'").library, "/etc/x.so");
}

TEST(ALibrary, MustNameAFile) {
  EXPECT_THAT(ErrorsOf("[plugins.a]\nlibrary = ''\n[plugins.b]\nlibrary = '..'\n"
                       "[plugins.c]\nlibrary = \"a\\u0000\"\n"),
              ElementsAre("usher.toml:2:11: plugins.a.library: must not be empty",
                          "usher.toml:4:11: plugins.b.library: must name a file; found \"..\"",
                          "usher.toml:6:11: plugins.c.library: must not contain NUL characters"));
}

TEST(InstanceNames, AreCheckedWhereTheyStand) {
  const std::string said = ": an instance's name is made of 1 to 64 of a-z, 0-9 and \"-\"";
  EXPECT_THAT(ErrorsOf("[plugins.Bad_Name]\nlibrary = 'a'\n[plugins.'']\nlibrary = 'a'\n"
                       "[plugins.'../x']\nlibrary = 'a'\n"),
              ElementsAre("usher.toml:1:10: plugins.Bad_Name" + said,
                          "usher.toml:3:10: plugins.\"\"" + said,
                          "usher.toml:5:10: plugins.\"../x\"" + said));
}

TEST(InstanceNames, HaveUpTo64Characters) {
  EXPECT_THAT(ErrorsOf("[plugins." + std::string(64, 'a') + "]\nlibrary = 'a'"), IsEmpty());
  EXPECT_EQ(ErrorsOf("[plugins." + std::string(65, 'a') + "]\nlibrary = 'a'").size(), 1U);
}

TEST(AWrongName, HidesNoOtherErrorOfItsTable) {
  EXPECT_EQ(ErrorsOf("[plugins.A]\nenabled = 1\n").size(), 3U);
}

TEST(APluginThatIsNoTable, IsAnError) {
  EXPECT_THAT(
      ErrorsOf("[plugins]\na = 'presence'\n[[plugins.b]]\nlibrary = 'b'\n"),
      ElementsAre("usher.toml:2:5: plugins.a: expected a table, e.g. [plugins.a]; found the "
                  "text \"presence\"",
                  "usher.toml:3:1: plugins.b: expected a table, e.g. [plugins.b]; found an "
                  "array of tables"));
}

TEST(APluginsOwnKeys, AreSentToItsConfig) {
  EXPECT_THAT(
      ErrorsOf("[plugins.a]\nlibrary = 'a'\nfile = '/x'\nlibary = 'b'\n"),
      ElementsAre("usher.toml:3:1: plugins.a.file: unknown key; the plugin's own keys belong "
                  "into [plugins.a.config]",
                  "usher.toml:4:1: plugins.a.libary: unknown key; did you mean \"library\"?"));
}

TEST(AConfig, IsNeverCheckedAndKeepsPositions) {
  const PluginSettings plugin = Only(
      "[plugins.a]\nlibrary = 'a'\n[plugins.a.config]\n  colour = 'red'\n[plugins.a.config.x]\ny = "
      "1\n");
  ASSERT_NE(plugin.config, nullptr);
  const toml::node* colour = plugin.config->get("colour");
  ASSERT_NE(colour, nullptr);
  EXPECT_EQ(colour->value<std::string>(), "red");
  EXPECT_EQ(colour->source().begin.line, 4U);
  EXPECT_EQ(colour->source().begin.column, 12U);
  EXPECT_EQ(plugin.config->at_path("x.y").value<int>(), 1);
}

TEST(AMissingConfig, IsAnEmptyTable) {
  const PluginSettings plugin = Only("[plugins.a]\nlibrary = 'a'");
  ASSERT_NE(plugin.config, nullptr);
  EXPECT_TRUE(plugin.config->empty());
}

TEST(AnInstance, MayLaunchNothingUnlessItSaysWhat) {
  const LaunchGrant none = Only("[plugins.a]\nlibrary = 'a'").launch;
  EXPECT_THAT(none.programs, IsEmpty());
  EXPECT_THAT(none.tokens, ElementsAre("user"));
  EXPECT_THAT(none.classes, ElementsAre("user"));
  const LaunchGrant some = Only(
                               "[plugins.a]\nlibrary = 'a'\n[plugins.a.launch]\n"
                               "programs = ['/opt/a/agent', '/opt/b/']\n"
                               "tokens = ['user', 'system']\nclasses = ['greeter']")
                               .launch;
  EXPECT_THAT(some.programs, ElementsAre("/opt/a/agent", "/opt/b/"));
  EXPECT_THAT(some.tokens, ElementsAre("user", "system"));
  EXPECT_THAT(some.classes, ElementsAre("greeter"));
}

TEST(WhatAnInstanceMayLaunch, IsChecked) {
  const std::string start = "[plugins.a]\nlibrary = 'a'\n[plugins.a.launch]\n";
  const char* const programs =
      "usher.toml:4:12: plugins.a.launch.programs: must be absolute paths without \".\" and "
      "\"..\"; one with \"/\" at its end is a folder, and all in it; found ";
  EXPECT_THAT(ErrorsOf(start + "programs = ['agent']"),
              ElementsAre(std::string(programs) + "\"agent\""));
  EXPECT_THAT(ErrorsOf(start + "programs = ['/opt/../agent']"),
              ElementsAre(std::string(programs) + "\"/opt/../agent\""));
  EXPECT_THAT(ErrorsOf(start + "programs = ['/opt//agent']"), ::testing::SizeIs(1));
  EXPECT_THAT(ErrorsOf(start + "tokens = ['root']"),
              ElementsAre("usher.toml:4:10: plugins.a.launch.tokens: must be some of \"user\", "
                          "\"elevated\" and \"system\"; found \"root\""));
  EXPECT_THAT(ErrorsOf(start + "program = ['/a']"), ::testing::SizeIs(1));
}

}  // namespace
}  // namespace broker
