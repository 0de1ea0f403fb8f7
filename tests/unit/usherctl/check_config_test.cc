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
  std::vector<SettingsError> Probe(const PluginSettings& settings, const std::string& /*copy*/,
                                   const std::string& path) const override {
    asked.push_back(settings.name + " " + path);
    if (settings.name != "bad") return {};
    return {{settings.position, "plugins.bad", "it is broken"},
            {{settings.position.file, 7, 3}, "plugins.bad.config.x", "must be 1"}};
  }
  void End() noexcept override {}
  mutable std::vector<std::string> asked;
};

/// A library of the system's: one that is trusted and can be loaded.
std::string SomeLibrary() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t begin = line.find('/');
    if (line.find("libstdc++.so") != std::string::npos) return line.substr(begin);
  }
  return "";
}

class CheckConfig : public ::testing::Test {
 protected:
  int Check(const std::string& content, bool json = false) {
    std::ofstream(file_) << content;
    return RunCheckConfig({file_, json, only_file_}, probe_, captured_.streams);
  }
  [[nodiscard]] std::string Out() const { return captured_.out.str(); }
  [[nodiscard]] std::string Err() const { return captured_.err.str(); }

  const testing::TempDirectory directory_;
  const std::string file_ = directory_ / "usher.toml";
  testing::Captured captured_;
  FakeProbe probe_;
  bool only_file_ = false;
};

TEST_F(CheckConfig, SumsUpAValidFile) {
  only_file_ = true;
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
  const std::string library = "library = '" + SomeLibrary() + "'\n";
  const std::string text = "[plugins.good]\n" + library + "[plugins.off]\n" + library +
                           "enabled = false\n[plugins.bad]\n" + library;
  EXPECT_EQ(Check(text), kExitInvalidConfiguration);
  EXPECT_THAT(probe_.asked,
              ::testing::ElementsAre("good " + SomeLibrary(), "bad " + SomeLibrary()));
  EXPECT_EQ(Err(), file_ + ":6:1: plugins.bad: it is broken\n" + file_ +
                       ":7:3: plugins.bad.config.x: must be 1\n");
  probe_.asked.clear();
  EXPECT_EQ(Check(text + "[sorce]\n"), kExitInvalidConfiguration);
  EXPECT_THAT(probe_.asked, ::testing::IsEmpty()) << "the file itself is wrong";
  std::ofstream(file_) << text;
  EXPECT_EQ(RunCheckConfig({file_, false, true}, probe_, captured_.streams), kExitDone);
  EXPECT_THAT(probe_.asked, ::testing::IsEmpty()) << "it was to check the file only";
}

TEST_F(CheckConfig, NamesPluginsThatMayNotBeLoaded) {
  EXPECT_EQ(Check("[plugins.gone]\nlibrary = './gone.so'\n"), kExitInvalidConfiguration);
  EXPECT_THAT(Err(), HasSubstr(file_ + ":1:1: plugins.gone: "));
  EXPECT_THAT(Err(), HasSubstr("gone.so"));
  EXPECT_THAT(probe_.asked, ::testing::IsEmpty());
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
