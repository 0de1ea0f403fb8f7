#include "usherctl/check_config.h"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

#include "tests/support/temp_directory.h"
#include "tests/unit/usherctl/captured.h"

namespace broker {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Has something against the instances named `bad`.
class FakeProbe final : public ConfigProbe {
 public:
  std::vector<SettingsError> Probe(const PluginSettings& settings,
                                   const std::string& file) const override {
    asked.push_back(file);
    if (settings.name != "bad") return {};
    return {{settings.position, "plugins.bad", "it is broken"},
            {{settings.position.file, 7, 3}, "plugins.bad.config.x", "must be 1"}};
  }
  mutable std::vector<std::string> asked;
};

class CheckConfig : public ::testing::Test {
 protected:
  int Check(const std::string& content, bool json = false) {
    std::ofstream(file_) << content;
    return RunCheckConfig({file_, json}, probe_, captured_.streams);
  }
  [[nodiscard]] std::string Out() const { return captured_.out.str(); }
  [[nodiscard]] std::string Err() const { return captured_.err.str(); }

  const testing::TempDirectory directory_;
  const std::string file_ = directory_ / "usher.toml";
  testing::Captured captured_;
  FakeProbe probe_;
};

TEST_F(CheckConfig, SumsUpAValidFile) {
  EXPECT_EQ(Check("[plugins.presence]\nlibrary = \"presence\"\n"
                  "[plugins.null]\nlibrary = \"null\"\n"),
            kExitDone);
  EXPECT_EQ(Out(), file_ + " is valid: source logind, 2 plugins (presence, null)\n");
  EXPECT_EQ(Err(), "");
}

TEST_F(CheckConfig, TakesAnEmptyFile) {
  EXPECT_EQ(Check(""), kExitDone);
  EXPECT_EQ(Out(), file_ + " is valid: source logind, no plugins\n");
}

TEST_F(CheckConfig, AsksEnabledPluginsWhereTheFileItselfIsRight) {
  const std::string text =
      "plugin_directory = '/p'\n[plugins.null]\nlibrary = 'null'\n"
      "[plugins.off]\nlibrary = 'x'\nenabled = false\n[plugins.bad]\nlibrary = './b.so'\n";
  EXPECT_EQ(Check(text), kExitInvalidConfiguration);
  EXPECT_THAT(probe_.asked, ::testing::ElementsAre("/p/null.so", directory_ / "b.so"));
  EXPECT_EQ(Err(), file_ + ":7:1: plugins.bad: it is broken\n" + file_ +
                       ":7:3: plugins.bad.config.x: must be 1\n");
  probe_.asked.clear();
  EXPECT_EQ(Check(text + "[sorce]\n"), kExitInvalidConfiguration);
  EXPECT_THAT(probe_.asked, ::testing::IsEmpty()) << "the file itself is wrong";
  EXPECT_EQ(RunCheckConfig({file_, false, true}, probe_, captured_.streams),
            kExitInvalidConfiguration);
  std::ofstream(file_) << text;
  EXPECT_EQ(RunCheckConfig({file_, false, true}, probe_, captured_.streams), kExitDone);
  EXPECT_THAT(probe_.asked, ::testing::IsEmpty()) << "it was to check the file only";
}

TEST_F(CheckConfig, SaysWhichPluginsAreDisabled) {
  EXPECT_EQ(Check("[plugins.null]\nlibrary = \"null\"\nenabled = false\n"), kExitDone);
  EXPECT_THAT(Out(), HasSubstr("1 plugin (null disabled)"));
}

TEST_F(CheckConfig, NamesEveryErrorWithItsPlace) {
  EXPECT_EQ(Check("[sorce]\n\n[log]\ndirectory = 3\n"), kExitInvalidConfiguration);
  EXPECT_EQ(Out(), "");
  EXPECT_THAT(Err(), StartsWith(file_ + ":1:"));
  EXPECT_THAT(Err(), HasSubstr("\n" + file_ + ":4:"));
  EXPECT_THAT(Err(), HasSubstr("log.directory: "));
}

TEST_F(CheckConfig, KeepsTheTerminalSafeFromTheFile) {
  EXPECT_EQ(Check("\"a\\u001b[2J\\nb\" = 1\n"), kExitInvalidConfiguration);
  const std::string text = Err();
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST_F(CheckConfig, SaysThatThereIsNoSuchFile) {
  EXPECT_EQ(RunCheckConfig({directory_ / "none.toml", false}, probe_, captured_.streams),
            kExitInvalidConfiguration);
  EXPECT_THAT(Err(), HasSubstr("none.toml"));
}

TEST_F(CheckConfig, TellsProgramsTheSame) {
  EXPECT_EQ(Check("[log]\ndirectory = 3\n", true), kExitInvalidConfiguration);
  const auto report = boost::json::parse(Out());
  EXPECT_EQ(report.at("valid"), false);
  EXPECT_EQ(report.at("errors").as_array().size(), 1U);
  EXPECT_EQ(report.at("errors").at(0).at("line"), 2);
  EXPECT_EQ(report.at("errors").at(0).at("key"), "log.directory");
  EXPECT_EQ(Err(), "");
}

}  // namespace
}  // namespace broker
