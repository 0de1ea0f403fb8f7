#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "settings/load.h"
#include "tests/unit/settings/settings_text.h"

namespace broker {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// config/usher.toml as it is delivered.
std::string Delivered() {
  std::ifstream file(USHER_DEFAULT_CONFIGURATION, std::ios::binary);
  EXPECT_TRUE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The same with every "# key = value" and "# [table]" in force.
std::string Uncommented(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)# ([a-z_]+ = |\\[[a-z.]+\\](?=\n))"), "$1$2");
}

/// Switched to the simulated source, with its keys ("#   key = value") in force.
std::string Simulated(const std::string& text) {
  const std::string with_keys =
      std::regex_replace(text, std::regex("(^|\n)#   ([a-z_]+ = )"), "$1$2");
  return std::regex_replace(with_keys, std::regex("type = \"logind\""), "type = \"simulated\"");
}

TEST(TheDeliveredConfiguration, IsTheDefault) {
  const LoadedSettings loaded = ParseSettings(Delivered(), "usher.toml");
  EXPECT_THAT(ErrorsOf(Delivered()), IsEmpty());
  EXPECT_THAT(loaded.settings.plugins, IsEmpty());
  EXPECT_EQ(loaded.settings.state_directory, Settings{}.state_directory);
}

TEST(TheDocumentedDefaults, AreTheCodes) {
  const std::string text = Uncommented(Delivered());
  ASSERT_THAT(ErrorsOf(text), IsEmpty());
  const Settings documented = ParseSettings(text, "usher.toml").settings;
  const Settings coded;
  EXPECT_EQ(documented.state_directory, coded.state_directory);
  EXPECT_EQ(documented.runtime_directory, coded.runtime_directory);
  EXPECT_THAT(documented.plugin_directory, testing::EndsWith("/usher/plugins"));
  EXPECT_EQ(documented.source.type, coded.source.type);
  EXPECT_EQ(documented.log.directory, coded.log.directory);
  EXPECT_EQ(documented.log.segment_bytes, coded.log.segment_bytes);
  EXPECT_EQ(documented.log.total_bytes, coded.log.total_bytes);
  EXPECT_EQ(documented.control.socket, coded.control.socket);
}

TEST(TheDocumentedDefaults, HoldForTheSimulatedSource) {
  const std::string text = Simulated(Uncommented(Delivered()));
  ASSERT_THAT(ErrorsOf(text), IsEmpty());
  const Settings documented = ParseSettings(text, "usher.toml").settings;
  EXPECT_EQ(documented.source.type, "simulated");
  EXPECT_EQ(documented.source.pace, Settings{}.source.pace);
  EXPECT_THAT(documented.source.scenario, testing::EndsWith("/scenario.toml"));
}

TEST(TheDocumentedPlugins, AreAsACommentSaysTheyAre) {
  const Settings documented = ParseSettings(Uncommented(Delivered()), "usher.toml").settings;
  ASSERT_EQ(documented.plugins.size(), 2U);
  for (const PluginSettings& plugin : documented.plugins) {
    EXPECT_EQ(plugin.name, plugin.library);
    EXPECT_EQ(plugin.enabled, PluginSettings{}.enabled);
  }
  EXPECT_EQ(documented.plugins[0].name, "presence");
  EXPECT_EQ(documented.plugins[1].name, "null");
}

/// The keys of a table as the reader itself lists them when it meets a wrong one.
std::vector<std::string> KnownKeys(const std::string& table) {
  const std::string message = ErrorsOf(table + "\nqqqqqqqq = 1\n").back();
  const std::string start = "known here: ";
  const size_t at = message.find(start);
  if (at == std::string::npos) return {};
  const std::string list = message.substr(at + start.size());
  const std::regex word("[a-z]+_[a-z]+|[a-z]{3,}");
  std::vector<std::string> keys;
  for (std::sregex_iterator it(list.begin(), list.end(), word), end; it != end; ++it) {
    keys.push_back(it->str());
  }
  return keys;
}

TEST(EveryKey, IsDocumented) {
  const std::string delivered = Delivered();
  size_t count = 0;
  for (const std::string table : {"", "[source]", "[log]", "[control]"}) {
    for (const std::string& key : KnownKeys(table)) {
      const std::regex documented("\n# +" + key + " = |\n(# )?\\[" + key + "[.\\]]");
      EXPECT_TRUE(std::regex_search(delivered, documented)) << table << " " << key;
      ++count;
    }
  }
  EXPECT_EQ(count, 14U) << "keys and tables; a new one is documented, then counted here";
}

}  // namespace
}  // namespace broker
