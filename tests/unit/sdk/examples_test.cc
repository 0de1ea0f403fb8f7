#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/load.h"

namespace {

using broker::LoadedSettings;

std::string ErrorsOf(const LoadedSettings& loaded) {
  std::string text;
  for (const auto& error : loaded.errors) text += ToString(error) + "\n";
  return text;
}

std::string SourceFile(const std::string& name) {
  return USHER_SOURCE_DIRECTORY "/" + name;
}

/// The block of the tutorial that stands for `file`.
std::string TutorialBlock(const std::string& file) {
  std::ifstream stream(SourceFile("sdk/README.md"));
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const size_t marker = text.find("<!-- file: " + file + " -->\n```");
  if (marker == std::string::npos) return {};
  const size_t begin = text.find('\n', text.find("```", marker)) + 1;
  return text.substr(begin, text.find("```", begin) - begin);
}

TEST(TheExamplesOfThePlugins, AreValidConfigurations) {
  for (const std::string plugin : {"null", "presence", "greeter"}) {
    const std::string folder = plugin == "greeter" ? "sdk/template" : "plugins/" + plugin;
    const auto loaded = broker::LoadSettings(SourceFile(folder + "/" + plugin + ".toml"));
    EXPECT_EQ(ErrorsOf(loaded), "");
    ASSERT_EQ(loaded.settings.plugins.size(), 1U);
    EXPECT_EQ(loaded.settings.plugins[0].name, plugin);
  }
}

TEST(TheListOfChanges, NamesTheHeaderOfEach) {
  std::ifstream stream(SourceFile("sdk/CHANGELOG.md"));
  int changes = 0;
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind("- ", 0) != 0) continue;
    ++changes;
    ASSERT_EQ(line.rfind("- `usher/", 0), 0U) << line;
    const std::string header = line.substr(3, line.find('`', 3) - 3);
    EXPECT_TRUE(std::filesystem::exists(SourceFile("sdk/include/" + header))) << line;
  }
  EXPECT_GT(changes, 10);
}

/// What the tutorial says of a configuration's plugins.
std::vector<broker::PluginSettings> TutorialPlugins(const std::string& file) {
  const auto loaded = broker::ParseSettings(TutorialBlock(file), "README.md");
  EXPECT_EQ(ErrorsOf(loaded), "");
  return loaded.settings.plugins;
}

TEST(TheConfigurationsOfTheTutorial, AreValid) {
  const auto plugins = TutorialPlugins("usher.toml");
  ASSERT_EQ(plugins.size(), 2U);
  EXPECT_EQ(plugins[0].name, "lock-notes");
  const auto launching = TutorialPlugins("companion.toml");
  ASSERT_EQ(launching.size(), 1U);
  EXPECT_EQ(launching[0].launch.programs.size(), 1U);
}

}  // namespace
