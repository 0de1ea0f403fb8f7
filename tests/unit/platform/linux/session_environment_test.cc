#include "platform/linux/session_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace broker {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Not;
using ::testing::StartsWith;

class TheEnvironmentOfAnAgent : public ::testing::Test {
 protected:
  TheEnvironmentOfAnAgent() {
    SessionFacts facts;
    facts.id = "7";
    facts.key = "boot-7-100";
    facts.user_id = "2001";
    facts.type = "x11";
    facts.seat = "seat0";
    facts.display = ":0";
    order_.session = std::make_shared<const Session>(facts);
    order_.instance = "desktop";
    order_.agent = "tray";
  }
  [[nodiscard]] Environment Build(const Environment& user = {},
                                  const Environment& leader = {}) const {
    return BuildAgentEnvironment(order_, user, leader);
  }

  LaunchOrder order_;
};

TEST_F(TheEnvironmentOfAnAgent, SaysWhichSessionItIsOf) {
  const Environment built = Build();
  for (const char* expected :
       {"XDG_SESSION_ID=7", "XDG_RUNTIME_DIR=/run/user/2001", "XDG_SESSION_TYPE=x11",
        "XDG_SEAT=seat0", "DISPLAY=:0", "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/2001/bus",
        "USHER_AGENT=tray", "USHER_INSTANCE=desktop", "USHER_SESSION_KEY=boot-7-100"}) {
    EXPECT_THAT(built, Contains(expected));
  }
}

TEST_F(TheEnvironmentOfAnAgent, HasNothingOfTheBrokers) {
  ASSERT_EQ(::setenv("OF_THE_BROKER", "1", 1), 0);
  EXPECT_THAT(Build(), Not(Contains(StartsWith("OF_THE_BROKER="))));
}

TEST_F(TheEnvironmentOfAnAgent, HasWhatTheUsersProgramsHave) {
  const Environment built = Build({"DISPLAY=:5", "LANG=de_DE.UTF-8", "QT_SCALE=2"});
  EXPECT_THAT(built,
              AllOf(Contains("DISPLAY=:5"), Contains("LANG=de_DE.UTF-8"), Contains("QT_SCALE=2")));
}

TEST_F(TheEnvironmentOfAnAgent, TakesOfTheLeaderWhatSaysSomethingAboutTheSession) {
  const Environment built =
      Build({"DISPLAY=:5"}, {"DISPLAY=:6", "LC_TIME=C", "PAM_SECRET=1", "PATH=/tmp"});
  EXPECT_THAT(built, AllOf(Contains("DISPLAY=:6"), Contains("LC_TIME=C"),
                           Not(Contains(StartsWith("PAM_SECRET="))), Not(Contains("PATH=/tmp"))));
}

TEST_F(TheEnvironmentOfAnAgent, HasWhatIsOrderedAboveAll) {
  order_.variables = {{"QT_SCALE", "3"}};
  EXPECT_THAT(Build({"QT_SCALE=2"}), AllOf(Contains("QT_SCALE=3"), Not(Contains("QT_SCALE=2"))));
}

TEST_F(TheEnvironmentOfAnAgent, HasNothingThatTheLoaderOrTheServiceManagerHeed) {
  const Environment built =
      Build({"LD_PRELOAD=/tmp/evil.so", "LD_LIBRARY_PATH=/tmp", "NOTIFY_SOCKET=/tmp/s",
             "LISTEN_FDS=3", "WATCHDOG_USEC=1", "INVOCATION_ID=1", "PATH=/tmp", "HOME=/tmp",
             "USHER_AGENT=other", "XDG_SESSION_ID=8", "XDG_RUNTIME_DIR=/tmp", "GCONV_PATH=/tmp"},
            {"LD_AUDIT=/tmp/evil.so"});
  for (const char* name : {"LD_", "NOTIFY_", "LISTEN_", "WATCHDOG_", "INVOCATION_ID", "GCONV_"}) {
    EXPECT_THAT(built, Each(Not(StartsWith(name)))) << name;
  }
  EXPECT_THAT(built, AllOf(Contains("USHER_AGENT=tray"), Contains("XDG_SESSION_ID=7"),
                           Contains("XDG_RUNTIME_DIR=/run/user/2001")));
  EXPECT_THAT(built, Each(Not(StartsWith("HOME="))));
}

TEST_F(TheEnvironmentOfAnAgent, LeavesOutWhatIsNoVariable) {
  const Environment built =
      Build({"", "=", "no equals", "1X=1", "A B=1", "NAME", "BAD=\xff\xfe", "LINES=a\nb",
             "ESCAPE=\x1b[31m", std::string("NUL=a\0b", 7), "GOOD=1"});
  EXPECT_THAT(built, Contains("GOOD=1"));
  for (const char* name : {"1X", "A B", "BAD", "LINES", "ESCAPE", "NUL", "="}) {
    EXPECT_THAT(built, Each(Not(StartsWith(name)))) << name;
  }
}

TEST_F(TheEnvironmentOfAnAgent, IsBoundedWhateverTheUserSays) {
  Environment many;
  for (int i = 0; i < 100'000; ++i) many.push_back("V" + std::to_string(i) + "=1");
  EXPECT_LE(Build(many).size(), 300U);
  const Environment large(50, "LARGE=" + std::string(1 << 20, 'x'));
  EXPECT_THAT(Build(large), Each(Not(StartsWith("LARGE="))));
  Environment much;
  for (int i = 0; i < 200; ++i) {
    much.push_back("M" + std::to_string(i) + "=" + std::string(8000, 'x'));
  }
  size_t bytes = 0;
  for (const std::string& variable : Build(much)) bytes += variable.size();
  EXPECT_LT(bytes, 80'000U);
}

TEST_F(TheEnvironmentOfAnAgent, HasNothingOfTheUsersWhereItHasTheSystemsRights) {
  order_.token = TokenKind::kSystem;
  const Environment built = Build({"QT_SCALE=2", "DISPLAY=:5"}, {"DISPLAY=:6", "LC_ALL=x"});
  for (const char* name : {"QT_", "DISPLAY", "LC_", "XDG_RUNTIME_DIR", "DBUS_"}) {
    EXPECT_THAT(built, Each(Not(StartsWith(name)))) << name;
  }
  EXPECT_THAT(built, Contains("XDG_SESSION_ID=7"));
}

TEST(TheEnvironmentOfAProcess, IsReadWhereItCanBe) {
  EXPECT_FALSE(ReadEnvironmentOf(::getpid()).empty());
  EXPECT_TRUE(ReadEnvironmentOf(0).empty());
}

TEST(AValueInAnEnvironment, IsThatOfTheWholeName) {
  const Environment environment{"NAMES=1", "NAME=2", "EMPTY="};
  EXPECT_EQ(ValueIn(environment, "NAME"), "2");
  EXPECT_EQ(ValueIn(environment, "EMPTY"), "");
  EXPECT_EQ(ValueIn(environment, "NONE"), "");
}

}  // namespace
}  // namespace broker
