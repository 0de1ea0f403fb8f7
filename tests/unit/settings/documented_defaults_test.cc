#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "settings/load.h"
#include "tests/unit/settings/settings_text.h"

namespace broker {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_";

using Lines = std::vector<std::string>;

/// config/usher.toml as it is delivered.
Lines Delivered() {
  std::ifstream file(USHER_DEFAULT_CONFIGURATION, std::ios::binary);
  EXPECT_TRUE(file.is_open());
  Lines lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string Joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// The key of a line "key = value" or the name of a line "[name]"; empty for any other line.
std::string Defined(std::string_view line) {
  if (line.starts_with('[') && line.ends_with(']'))
    return std::string(line.substr(1, line.size() - 2));
  const size_t end = std::min(line.find_first_not_of(kLetters), line.size());
  return line.substr(end, 3) == " = " ? std::string(line.substr(0, end)) : "";
}

/// The same with every definition behind `comment` in force.
Lines Uncommented(Lines lines, std::string_view comment = "# ") {
  for (std::string& line : lines) {
    if (!line.starts_with(comment)) continue;
    const std::string rest = line.substr(comment.size());
    const bool prose = Defined(rest).empty() || rest.starts_with("[plugins.NAME");
    if (!prose) line = rest;
  }
  return lines;
}

/// A choice that has keys of its own, which stand as "#   key = value".
struct Variant {
  std::string key;
  std::string value;
  Lines keys;
};

const Variant& Simulated() {
  static const Variant variant{"type", "simulated", {"scenario", "pace"}};
  return variant;
}

const Variant& Replay() {
  static const Variant variant{"type", "replay", {"recording", "speed"}};
  return variant;
}

const Variant& Interval() {
  static const Variant variant{"sync", "interval", {"sync_interval"}};
  return variant;
}

/// The same with this choice, and its keys, in force.
Lines Chosen(const Variant& variant, Lines lines) {
  for (std::string& line : lines) {
    const std::string key = line.starts_with("#   ") ? Defined(line.substr(4)) : "";
    if (std::count(variant.keys.begin(), variant.keys.end(), key) > 0) line = line.substr(4);
    if (Defined(line) == variant.key) line = variant.key + " = \"" + variant.value + "\"";
  }
  return lines;
}

TEST(TheDeliveredConfiguration, IsTheDefault) {
  const LoadedSettings loaded = ParseSettings(Joined(Delivered()), "usher.toml");
  EXPECT_THAT(ErrorsOf(Joined(Delivered())), IsEmpty());
  EXPECT_THAT(loaded.settings.plugins, IsEmpty());
  EXPECT_EQ(loaded.settings.state_directory, Settings{}.state_directory);
}

TEST(TheDocumentedDefaults, AreTheCodes) {
  const std::string text = Joined(Uncommented(Delivered()));
  ASSERT_THAT(ErrorsOf(text), IsEmpty());
  const Settings documented = ParseSettings(text, "usher.toml").settings;
  const Settings coded;
  EXPECT_EQ(documented.state_directory, coded.state_directory);
  EXPECT_EQ(documented.runtime_directory, coded.runtime_directory);
  EXPECT_EQ(documented.allow_watch, coded.allow_watch);
  EXPECT_EQ(documented.control.allow_emit, coded.control.allow_emit);
  EXPECT_THAT(documented.plugin_directory, testing::EndsWith("/usher/plugins"));
  EXPECT_EQ(documented.source.type, coded.source.type);
  EXPECT_EQ(documented.log.directory, coded.log.directory);
  EXPECT_EQ(documented.log.segment_bytes, coded.log.segment_bytes);
  EXPECT_EQ(documented.log.total_bytes, coded.log.total_bytes);
  EXPECT_EQ(documented.log.sync, coded.log.sync);
  EXPECT_EQ(documented.log.segment_age_us, coded.log.segment_age_us);
  EXPECT_EQ(documented.log.total_age_us, coded.log.total_age_us);
  EXPECT_EQ(documented.control.socket, coded.control.socket);
}

TEST(TheDocumentedDefaults, HoldForTheSimulatedSource) {
  const std::string text = Joined(Chosen(Simulated(), Uncommented(Delivered())));
  ASSERT_THAT(ErrorsOf(text), IsEmpty());
  const Settings documented = ParseSettings(text, "usher.toml").settings;
  EXPECT_EQ(documented.source.type, "simulated");
  EXPECT_EQ(documented.source.pace, Settings{}.source.pace);
  EXPECT_THAT(documented.source.scenario, testing::EndsWith("/scenario.toml"));
}

TEST(TheDocumentedDefaults, HoldForTheReplaySource) {
  const std::string text = Joined(Chosen(Replay(), Uncommented(Delivered())));
  ASSERT_THAT(ErrorsOf(text), IsEmpty());
  const Settings documented = ParseSettings(text, "usher.toml").settings;
  EXPECT_EQ(documented.source.type, "replay");
  EXPECT_EQ(documented.source.speed, Settings{}.source.speed);
  EXPECT_THAT(documented.source.recording, testing::EndsWith("/recording"));
}

TEST(TheDocumentedDefaults, HoldForSyncsInIntervals) {
  const std::string text = Joined(Chosen(Interval(), Uncommented(Delivered())));
  ASSERT_THAT(ErrorsOf(text), IsEmpty());
  const Settings documented = ParseSettings(text, "usher.toml").settings;
  EXPECT_EQ(documented.log.sync, SyncSetting::kInterval);
  EXPECT_EQ(documented.log.sync_interval_us, Settings{}.log.sync_interval_us);
}

TEST(TheDocumentedPlugins, AreAsACommentSaysTheyAre) {
  const Settings documented =
      ParseSettings(Joined(Uncommented(Delivered())), "usher.toml").settings;
  ASSERT_EQ(documented.plugins.size(), 5U);
  for (const PluginSettings& plugin : documented.plugins) {
    EXPECT_EQ(plugin.name, plugin.library);
    EXPECT_EQ(plugin.enabled, PluginSettings{}.enabled);
    EXPECT_EQ(plugin.watch, PluginSettings{}.watch);
    EXPECT_EQ(plugin.replay_max_age_us, PluginSettings{}.replay_max_age_us);
  }
  EXPECT_EQ(documented.plugins[0].name, "presence");
  EXPECT_EQ(documented.plugins[1].name, "journald");
  EXPECT_EQ(documented.plugins[2].name, "hooks");
  EXPECT_THAT(documented.plugins[2].grant, testing::ElementsAre("usher.run/1"));
  EXPECT_EQ(documented.plugins[3].name, "agents");
  EXPECT_THAT(documented.plugins[3].grant, testing::ElementsAre("usher.launch/1"));
  EXPECT_EQ(documented.plugins[4].name, "null");
  EXPECT_THAT(documented.plugins[4].grant, IsEmpty());
}

/// The keys of a table as the reader itself lists them when it meets a wrong one.
std::vector<std::string> KnownKeys(const std::string& table) {
  const std::string message = ErrorsOf(table + "\nqqqqqqqq = 1\n").back();
  const std::string start = "known here: ";
  std::string_view list = message;
  list.remove_prefix(std::min(message.find(start), message.size() - start.size()) + start.size());
  std::vector<std::string> keys;
  while (!list.empty()) {
    const size_t end = std::min(list.find_first_not_of(kLetters), list.size());
    if (end > 0 && list.substr(0, end) != "or") keys.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return keys;
}

TEST(EveryKey, IsDocumented) {
  Lines documented =
      Chosen(Interval(), Chosen(Replay(), Chosen(Simulated(), Uncommented(Delivered()))));
  std::transform(documented.begin(), documented.end(), documented.begin(), Defined);
  size_t count = 0;
  for (const std::string table : {"", "[source]", "[log]", "[control]"}) {
    for (const std::string& key : KnownKeys(table)) {
      const std::string name = key == "plugins" ? "plugins.null" : key;
      EXPECT_THAT(documented, testing::Contains(name)) << table;
      ++count;
    }
  }
  EXPECT_EQ(count, 22U) << "keys and tables; a new one is documented, then counted here";
}

}  // namespace
}  // namespace broker
