#include "plugin_host/host_services/plugin_config.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/toml.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kText = R"(text = "hello"
whole = 42
real = 2.5
yes = true
list = ["a", "b"]
mixed = ["a", 1]
empty = []
nul = "a\u0000b"

[limits]
memory = 1024
deep.er = "x"
)";

PluginConfig ConfigOf(std::string_view text) {
  PluginSettings settings;
  settings.name = "me";
  settings.position.file = "usher.toml";
  settings.config = std::make_shared<const toml::table>(toml::parse(text));
  return PluginConfig(settings);
}

TEST(APluginsConfig, GivesEachTypeByDottedKeys) {
  PluginConfig config = ConfigOf(kText);
  const char* text = nullptr;
  int64_t whole = 0;
  double real = 0;
  int32_t yes = 0;
  EXPECT_EQ(config.String("text", text), USHER_OK);
  EXPECT_STREQ(text, "hello");
  EXPECT_EQ(config.Integer("limits.memory", whole), USHER_OK);
  EXPECT_EQ(whole, 1024);
  EXPECT_EQ(config.Number("real", real), USHER_OK);
  EXPECT_EQ(real, 2.5);
  EXPECT_EQ(config.Number("whole", real), USHER_OK);
  EXPECT_EQ(real, 42);
  EXPECT_EQ(config.Boolean("yes", yes), USHER_OK);
  EXPECT_EQ(yes, 1);
  EXPECT_EQ(config.String("limits.deep.er", text), USHER_OK);
  EXPECT_STREQ(text, "x");
}

constexpr std::string_view kTables = R"([[hook]]
on = "a"
[[hook]]
on = "b"
off = 1
[hook.inner]
x = 1
[[misspelt]]
on = "c"
)";

TEST(APluginsConfig, GivesTablesOfAnArrayByIndex) {
  PluginConfig config = ConfigOf(kTables);
  uint32_t count = 0;
  const char* text = nullptr;
  EXPECT_EQ(config.TableCount("hook", count), USHER_OK);
  EXPECT_EQ(count, 2U);
  EXPECT_EQ(config.String("hook.0.on", text), USHER_OK);
  EXPECT_STREQ(text, "a");
  EXPECT_EQ(config.String("hook.1.on", text), USHER_OK);
  EXPECT_STREQ(text, "b");
  for (const std::string_view key :
       {"hook.2.on", "hook.x.on", "hook.-1.on", "hook..on", "hook.0x.on"}) {
    EXPECT_EQ(config.String(key, text), USHER_NOT_FOUND) << key;
  }
}

TEST(APluginsConfig, NamesWhatNobodyReadInTablesOfAnArray) {
  PluginConfig config = ConfigOf(kTables);
  uint32_t count = 0;
  const char* text = nullptr;
  EXPECT_EQ(config.TableCount("hook", count), USHER_OK);
  EXPECT_EQ(config.String("hook.0.on", text), USHER_OK);
  EXPECT_EQ(config.String("hook.1.on", text), USHER_OK);
  config.Refuse("hook.1.missing", "must be there");
  EXPECT_EQ(
      config.CheckAll().message(),
      "usher.toml:3:1: plugins.me.config.hook.1.missing: must be there\n"
      "usher.toml:7:1: plugins.me.config.hook.1.inner.x: the plugin knows no such key; remove "
      "it\n"
      "usher.toml:5:1: plugins.me.config.hook.1.off: the plugin knows no such key; did you "
      "mean 'hook.1.on'?\n"
      "usher.toml:9:1: plugins.me.config.misspelt.0.on: the plugin knows no such key; remove "
      "it");
}

TEST(APluginsConfig, WantsNothingButTablesInAnArrayOfThem) {
  PluginConfig config = ConfigOf("hook = [{x = 1}, 2]\nother = []\nit = 3\n");
  uint32_t count = 7;
  for (const std::string_view key : {"hook", "other", "it"}) {
    EXPECT_EQ(config.TableCount(key, count), USHER_WRONG_TYPE) << key;
  }
  EXPECT_EQ(config.TableCount("none", count), USHER_NOT_FOUND);
  EXPECT_EQ(count, 7U);
  EXPECT_THAT(config.CheckAll().message(),
              HasSubstr("plugins.me.config.it: the plugin wants an array of tables here, this is "
                        "of type integer"));
}

TEST(APluginsConfig, GivesArraysOfStringsByIndex) {
  PluginConfig config = ConfigOf(kText);
  uint32_t count = 0;
  const char* text = "as it was";
  EXPECT_EQ(config.Count("list", count), USHER_OK);
  EXPECT_EQ(count, 2U);
  EXPECT_EQ(config.StringAt("list", 2, text), USHER_NOT_FOUND);
  EXPECT_EQ(config.StringAt("mixed", 0, text), USHER_WRONG_TYPE);
  EXPECT_EQ(config.Count("mixed", count), USHER_WRONG_TYPE);
  EXPECT_STREQ(text, "as it was");
  EXPECT_EQ(config.StringAt("list", 1, text), USHER_OK);
  EXPECT_STREQ(text, "b");
  EXPECT_EQ(config.Count("empty", count), USHER_OK);
  EXPECT_EQ(count, 0U);
}

TEST(APluginsConfig, SaysOfATextWithANulNoMoreThanThat) {
  PluginConfig config = ConfigOf("nul = 'a'\nlist = ['a', \"b\\u0000c\"]\none = \"\\u0000\"\n");
  uint32_t count = 0;
  const char* text = nullptr;
  EXPECT_EQ(config.Count("list", count), USHER_WRONG_TYPE);
  config.Refuse("list", "must be a list of texts");
  EXPECT_EQ(config.String("one", text), USHER_WRONG_TYPE);
  config.Refuse("one", "must be there");
  EXPECT_EQ(config.String("nul", text), USHER_OK);
  config.Refuse("nul", "is heard");
  EXPECT_EQ(config.CheckAll().message(),
            "usher.toml:1:7: plugins.me.config.nul: is heard\n"
            "usher.toml:2:14: plugins.me.config.list: no text may have a NUL in it, as this one "
            "has (\\u0000)\n"
            "usher.toml:3:7: plugins.me.config.one: no text may have a NUL in it, as this one has "
            "(\\u0000)");
}

TEST(APluginsConfig, LeavesTheOutputAloneWhenItFails) {
  PluginConfig config = ConfigOf(kText);
  const char* text = "as it was";
  int64_t whole = 7;
  int32_t yes = 7;
  EXPECT_EQ(config.String("none", text), USHER_NOT_FOUND);
  EXPECT_EQ(config.String("text.inside", text), USHER_NOT_FOUND);
  EXPECT_EQ(config.String("limits.none", text), USHER_NOT_FOUND);
  EXPECT_EQ(config.String("", text), USHER_NOT_FOUND);
  EXPECT_EQ(config.String(".", text), USHER_NOT_FOUND);
  EXPECT_EQ(config.String("whole", text), USHER_WRONG_TYPE);
  EXPECT_EQ(config.String("limits", text), USHER_WRONG_TYPE);
  EXPECT_EQ(config.String("nul", text), USHER_WRONG_TYPE);
  EXPECT_EQ(config.Integer("real", whole), USHER_WRONG_TYPE);
  EXPECT_EQ(config.Integer("yes", whole), USHER_WRONG_TYPE);
  EXPECT_EQ(config.Boolean("whole", yes), USHER_WRONG_TYPE);
  EXPECT_STREQ(text, "as it was");
  EXPECT_EQ(whole, 7);
  EXPECT_EQ(yes, 7);
}

TEST(APluginsConfig, IsFineOnceEverythingWasRead) {
  PluginConfig config = ConfigOf("a = 'x'\n[b]\nc = 1\n[d]\n");
  const char* text = nullptr;
  int64_t whole = 0;
  EXPECT_EQ(config.String("a", text), USHER_OK);
  EXPECT_FALSE(config.CheckAll().ok());
  EXPECT_EQ(config.Integer("b.c", whole), USHER_OK);
  EXPECT_TRUE(config.CheckAll().ok()) << config.CheckAll().message();
}

TEST(APluginsConfig, NamesEveryKeyThatNobodyKnowsAndWhereItStands) {
  PluginConfig config = ConfigOf("intervall = 5\n\n[paths]\n  'odd.key' = 1\n  many = [1, 2]\n");
  int64_t whole = 0;
  EXPECT_EQ(config.Integer("interval", whole), USHER_NOT_FOUND);
  EXPECT_TRUE(config.CheckValues().ok());
  const Status status = config.CheckAll();
  EXPECT_EQ(status.code(), StatusCode::kInvalid);
  EXPECT_THAT(status.message(),
              HasSubstr("usher.toml:1:1: plugins.me.config.intervall: the plugin knows no such "
                        "key; did you mean 'interval'?"));
  EXPECT_THAT(status.message(), HasSubstr("usher.toml:4:3: plugins.me.config.paths.odd.key: "));
  EXPECT_THAT(status.message(), HasSubstr("usher.toml:5:3: plugins.me.config.paths.many: "));
}

TEST(APluginsConfig, NamesAValueThatWasOnlyAskedForAsAnotherType) {
  PluginConfig config = ConfigOf("interval = 'five'\nany = 5\nunknown = 1\n");
  int64_t whole = 0;
  const char* text = nullptr;
  EXPECT_EQ(config.Integer("interval", whole), USHER_WRONG_TYPE);
  EXPECT_EQ(config.String("any", text), USHER_WRONG_TYPE);
  EXPECT_EQ(config.Integer("any", whole), USHER_OK);
  EXPECT_EQ(config.CheckValues().message(),
            "usher.toml:1:12: plugins.me.config.interval: the plugin wants an integer here, this "
            "is of type string");
}

TEST(APluginsConfig, DoesNotTellMoreThanAPersonReads) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "key" + std::to_string(i) + " = 1\n";
  const Status status = ConfigOf(text).CheckAll();
  EXPECT_LT(status.message().size(), 1500U);
  EXPECT_THAT(status.message(), HasSubstr("and 92 more"));
}

}  // namespace
}  // namespace broker
