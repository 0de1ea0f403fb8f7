#include "action/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SessionRef SessionOfAlice() {
  SessionFacts session;
  session.id = "7";
  session.user_id = "1001";
  return std::make_shared<const Session>(session);
}

RunOrder Order() {
  RunOrder order;
  order.program = "/bin/true";
  order.session = SessionOfAlice();
  return order;
}

std::string WhyNot(const RunOrder& order) {
  return CheckOrder(order).message();
}

TEST(AnOrder, WithAnAbsoluteProgramIsFine) {
  RunOrder order = Order();
  order.arguments = {"-x", ""};
  order.variables = {{"USHER_SEQ", "5"}, {"_x1", ""}};
  order.directory = "/tmp";
  order.run_as = RunAs::kSessionUser;
  EXPECT_EQ(WhyNot(order), "");
}

TEST(AnOrder, NamesNoProgramOrFolderByARelativePath) {
  RunOrder order = Order();
  order.program = "true";
  EXPECT_THAT(WhyNot(order), HasSubstr("a program is an absolute path; it is 'true'"));
  order.program = "";
  EXPECT_THAT(WhyNot(order), HasSubstr("a program is an absolute path"));
  order = Order();
  order.directory = "tmp";
  EXPECT_THAT(WhyNot(order), HasSubstr("a directory is an absolute path"));
}

TEST(AnOrder, SetsNeitherTheBrokersVariablesNorTheLoaders) {
  for (const std::string name : {"PATH", "HOME", "XDG_RUNTIME_DIR", "LD_PRELOAD", "LD_AUDIT"}) {
    RunOrder order = Order();
    order.variables = {{name, "/tmp/evil.so"}};
    EXPECT_EQ(WhyNot(order), "the variable '" + name + "' is not free: choose another");
  }
}

TEST(AnOrder, HasVariablesWhoseNamesAreNames) {
  for (const std::string name : {"", "1A", "A=B", "A B", "\xC3\x84"}) {
    RunOrder order = Order();
    order.variables = {{name, "x"}};
    EXPECT_THAT(WhyNot(order), HasSubstr("a variable's name is of A-Z")) << name;
  }
}

TEST(AnOrder, ForAUserSaysWhoseSessionItIs) {
  RunOrder order = Order();
  order.session = nullptr;
  EXPECT_EQ(WhyNot(order), "");
  order.run_as = RunAs::kSessionUser;
  EXPECT_THAT(WhyNot(order), HasSubstr("whose session it is must be said"));
}

TEST(AnEnvironment, IsMadeFromNothing) {
  ::setenv("SECRET_OF_THE_BROKER", "x", 1);
  RunOrder order = Order();
  order.session = nullptr;
  order.variables = {{"USHER_SEQ", "5"}};
  EXPECT_THAT(BuildEnvironment(order),
              ElementsAre("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                          "LANG=C.UTF-8", "USHER_SEQ=5"));
}

TEST(AnEnvironment, OfAUserHasTheSession) {
  RunOrder order = Order();
  order.run_as = RunAs::kSessionUser;
  const auto environment = BuildEnvironment(order);
  EXPECT_THAT(environment, Contains("XDG_SESSION_ID=7"));
  EXPECT_THAT(environment, Contains("XDG_RUNTIME_DIR=/run/user/1001"));
}

}  // namespace
}  // namespace broker
