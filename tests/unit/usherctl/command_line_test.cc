#include "usherctl/command_line.h"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>

#include "tests/support/temp_directory.h"
#include "tests/unit/usherctl/captured.h"
#include "tests/unit/usherctl/written_log.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

class ACommandLine : public ::testing::Test {
 protected:
  int Run(std::vector<std::string> arguments) {
    return RunCommandLine(std::move(arguments), {*files_, captured_.streams, [this] { ++caught_; },
                                                 [this] { return caught_ > 0; }});
  }
  [[nodiscard]] std::string Out() const { return captured_.out.str(); }
  [[nodiscard]] std::string Err() const { return captured_.err.str(); }

  const testing::TempDirectory directory_;
  const std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  testing::Captured captured_;
  int caught_ = 0;
};

class AWrongCommandLine : public ACommandLine,
                          public ::testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(AWrongCommandLine, IsAUsageError) {
  EXPECT_EQ(Run(GetParam()), kExitUsage);
  EXPECT_EQ(Out(), "");
  EXPECT_NE(Err(), "");
}

INSTANTIATE_TEST_SUITE_P(
    Each, AWrongCommandLine,
    ::testing::Values(
        std::vector<std::string>{}, std::vector<std::string>{"reboot"},
        std::vector<std::string>{"status", "now"}, std::vector<std::string>{"--verbose", "status"},
        std::vector<std::string>{"status", "sessions"},
        std::vector<std::string>{"tail", "-n", "ten"}, std::vector<std::string>{"tail", "-n", "-1"},
        std::vector<std::string>{"tail", "-n", "1x"},
        std::vector<std::string>{"tail", "-n", "18446744073709551616"},
        std::vector<std::string>{"tail", "--session", ""},
        std::vector<std::string>{"tail", "--since", "yesterdy"},
        std::vector<std::string>{"tail", "--until", "-1 fortnight"},
        std::vector<std::string>{"tail", "--since", "now", "--until", "-1h", "--dir", "none"},
        std::vector<std::string>{"tail", "--cursor", "x"},
        std::vector<std::string>{"tail", "--cursor", "-1", "--dir", "none"},
        std::vector<std::string>{"tail", "--cursor", "4611686018427387905", "--dir", "none"},
        std::vector<std::string>{"tail", "--cursor", "18446744073709551616", "--dir", "none"},
        std::vector<std::string>{"tail", "-f", "--until", "-1h", "--dir", "none"},
        std::vector<std::string>{"tail", "--cursor", "1", "-n", "1"},
        std::vector<std::string>{"tail", "--follow-plugin", "../presence"},
        std::vector<std::string>{"tail", "--type"},
        std::vector<std::string>{"tail", "--type", "session.[lu]*"},
        std::vector<std::string>{"check-config"},
        std::vector<std::string>{"check-config", "a", "b"},
        std::vector<std::string>{"agents", "stop", "tray", "--session", ""},
        std::vector<std::string>{"explain", "5", "6"}, std::vector<std::string>{"explain", ""},
        std::vector<std::string>{"explain", "--json", "--markdown"},
        std::vector<std::string>{"--socket", "", "status"}));

TEST_F(ACommandLine, HelpsWithTheExitCodes) {
  EXPECT_EQ(Run({"--help"}), kExitDone);
  for (const char* text : {"status", "sessions", "plugins", "tail", "verify", "check-config",
                           "explain", "version", "4 broker not reachable"}) {
    EXPECT_THAT(Out(), HasSubstr(text));
  }
}

TEST_F(ACommandLine, HelpsWithACommand) {
  EXPECT_EQ(Run({"tail", "--help"}), kExitDone);
  for (const char* text : {"--follow", "--lines", "--since", "--until", "--cursor", "--show-cursor",
                           "--follow-plugin", "--type", "--session", "--user", "--json", "--dir"}) {
    EXPECT_THAT(Out(), HasSubstr(text));
  }
}

TEST_F(ACommandLine, SaysWhichVersionItIs) {
  EXPECT_EQ(Run({"version"}), kExitDone);
  EXPECT_EQ(Run({"--version"}), kExitDone);
  EXPECT_EQ(Out(), "usherctl " USHER_VERSION "\nusherctl " USHER_VERSION "\n");
}

TEST_F(ACommandLine, TellsProgramsWhichVersionItIs) {
  EXPECT_EQ(Run({"version", "--json"}), kExitDone);
  EXPECT_EQ(Out(), "{\"version\":\"" USHER_VERSION "\"}\n");
}

TEST_F(ACommandLine, TakesTheSocketBeforeAndAfterTheCommand) {
  const std::string socket = directory_ / "none.sock";
  EXPECT_EQ(Run({"--socket", socket, "status"}), kExitNotReachable);
  EXPECT_EQ(Run({"plugins", "--json", "--socket", socket}), kExitNotReachable);
  EXPECT_THAT(Err(), HasSubstr(socket));
}

TEST_F(ACommandLine, TakesTheSocketFromTheConfiguration) {
  const std::string socket = directory_ / "other.sock";
  const std::string config = directory_ / "usher.toml";
  std::ofstream(config) << "[control]\nsocket = \"" << socket << "\"\n";
  EXPECT_EQ(Run({"--config", config, "sessions"}), kExitNotReachable);
  EXPECT_THAT(Err(), HasSubstr(socket));
}

TEST_F(ACommandLine, TakesTheLogFromTheConfiguration) {
  const std::string log = directory_ / "log";
  const std::string config = directory_ / "usher.toml";
  std::ofstream(config) << "[log]\ndirectory = \"" << log << "\"\n";
  EXPECT_EQ(Run({"--config", config, "tail"}), kExitFailed);
  EXPECT_THAT(Err(), HasSubstr("there is no event log in " + log));
}

TEST_F(ACommandLine, TakesAPluginsCursorFromTheStateDirectory) {
  const std::string config = directory_ / "usher.toml";
  std::ofstream(config) << "state_directory = \"" << directory_ / "state"
                        << "\"\n";
  EXPECT_EQ(Run({"--config", config, "tail", "--follow-plugin", "hooks"}), kExitFailed);
  EXPECT_THAT(Err(), HasSubstr("no instance 'hooks' has a cursor in '" + directory_.path() +
                               "/state/cursors'"));
}

TEST_F(ACommandLine, ShowsAllOfATimeUnlessItIsAskedForLess) {
  testing::WrittenLog(*files_, directory_.path()).AppendLogons(1, 20);
  const auto lines = [this](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"tail", "--json", "--dir", directory_.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    captured_.out.str("");
    EXPECT_EQ(Run(arguments), kExitDone) << Err();
    const std::string out = Out();
    return std::count(out.begin(), out.end(), '\n');
  };
  EXPECT_EQ(lines({}), 10);
  EXPECT_EQ(lines({"--since", "2026-05-04"}), 20);
  EXPECT_EQ(lines({"--until", "2026-05-04 23:00"}), 20);
  EXPECT_EQ(lines({"--since", "2026-05-04", "-n", "3"}), 3);
  EXPECT_EQ(lines({"--since", "-1s"}), 0);
  EXPECT_EQ(lines({"--cursor", "15"}), 5);
  EXPECT_EQ(lines({"--session", "7", "--session", "8", "--user", "bob", "--user", "1000"}), 2);
}

TEST_F(ACommandLine, StopsAtAnInvalidConfigurationUnlessItCanDoWithout) {
  const std::string config = directory_ / "usher.toml";
  std::ofstream(config) << "nonsense = 1\n";
  for (const char* command : {"status", "sessions", "plugins", "tail", "verify"}) {
    EXPECT_EQ(Run({"--config", config, command}), kExitInvalidConfiguration) << command;
  }
  EXPECT_THAT(Err(), HasSubstr(config + ":1:1: nonsense: "));
  EXPECT_EQ(Run({"--config", config, "--socket", directory_ / "none.sock", "status"}),
            kExitNotReachable);
}

TEST_F(ACommandLine, StopsAtAConfigurationThatIsNamedAndMissing) {
  EXPECT_EQ(Run({"--config", directory_ / "none.toml", "status"}), kExitInvalidConfiguration);
}

TEST_F(ACommandLine, ChecksAConfiguration) {
  const std::string config = directory_ / "usher.toml";
  std::ofstream(config) << "";
  EXPECT_EQ(Run({"check-config", config}), kExitDone);
  EXPECT_THAT(Out(), HasSubstr(" is valid: "));
}

TEST_F(ACommandLine, ExplainsACodeWithoutBrokerAndConfiguration) {
  const std::string config = directory_ / "none.toml";
  EXPECT_EQ(Run({"--config", config, "explain", "203/EXEC"}), kExitDone);
  EXPECT_THAT(Out(), HasSubstr("203 EXIT_EXEC: exit-exec"));
  EXPECT_EQ(Run({"explain", "1008", "--json"}), kExitDone);
  EXPECT_THAT(Out(), HasSubstr("\"name\":\"ERROR_NO_TOKEN\""));
  EXPECT_EQ(Run({"explain", "--markdown"}), kExitDone);
  EXPECT_THAT(Out(), HasSubstr("| exit-exec |"));
  EXPECT_EQ(Run({"explain", "--", "-1073741502"}), kExitDone);
}

TEST_F(ACommandLine, CatchesCtrlCOnlyWhileItFollows) {
  EXPECT_EQ(Run({"tail", "--dir", directory_ / "none"}), kExitFailed);
  EXPECT_EQ(caught_, 0);
  EXPECT_EQ(Run({"tail", "-f", "--dir", directory_ / "none"}), kExitFailed);
  EXPECT_EQ(caught_, 1);
}

}  // namespace
}  // namespace broker
