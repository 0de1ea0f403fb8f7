#include "action/launch_policy.h"

#include <gmock/gmock.h>

namespace broker {
namespace {

using ::testing::HasSubstr;

LaunchOrder AnOrder() {
  SessionFacts session;
  session.id = "2";
  session.session_class = "user";
  LaunchOrder order;
  order.instance = "agents";
  order.agent = "tray";
  order.session = std::make_shared<const Session>(session);
  order.program = "/opt/example/agent";
  return order;
}

SessionRef OfClass(const std::string& session_class) {
  SessionFacts session;
  session.session_class = session_class;
  return std::make_shared<const Session>(session);
}

LaunchRights Rights(std::vector<std::string> programs = {"/opt/example/agent"}) {
  return {std::move(programs), {TokenKind::kUser}, {"user"}};
}

TEST(ALaunch, IsAllRight) {
  EXPECT_TRUE(CheckLaunch(AnOrder()).ok());
  EXPECT_TRUE(CheckRights(AnOrder(), Rights()).ok());
}

TEST(ALaunch, NeedsANameThatAUnitCanHave) {
  for (const std::string& name : {std::string(), std::string("Tray"), std::string("a/b"),
                                  std::string("a b"), std::string("../a"), std::string(65, 'a')}) {
    LaunchOrder order = AnOrder();
    order.agent = name;
    EXPECT_EQ(CheckLaunch(order).code(), StatusCode::kInvalid) << name;
  }
}

TEST(ALaunch, NeedsAPathWithoutDetours) {
  for (const char* const path :
       {"agent", "", "/opt/example/../agent", "/opt//agent", "/opt/./a", "/opt/example/.."}) {
    LaunchOrder order = AnOrder();
    order.program = path;
    EXPECT_EQ(CheckLaunch(order).code(), StatusCode::kInvalid) << path;
  }
}

TEST(ALaunch, MayNotSetWhatTheLoaderObeys) {
  LaunchOrder order = AnOrder();
  order.variables = {{"LD_PRELOAD", "/tmp/x.so"}};
  EXPECT_THAT(CheckLaunch(order).message(), HasSubstr("'LD_PRELOAD' is not free"));
}

TEST(ALaunch, IsOfAProgramThatIsGranted) {
  EXPECT_TRUE(CheckRights(AnOrder(), Rights({"/opt/example/"})).ok()) << "a folder";
  EXPECT_TRUE(CheckRights(AnOrder(), Rights({"/x", "/opt/example/agent"})).ok());
  for (const char* const granted : {"/opt/example", "/opt/example/agen", "/opt/example/agent2"}) {
    EXPECT_EQ(CheckRights(AnOrder(), Rights({granted})).code(), StatusCode::kPermission) << granted;
  }
  EXPECT_EQ(CheckRights(AnOrder(), Rights({})).message(),
            "the configuration lets 'agents' launch no program '/opt/example/agent': add "
            "\"/opt/example/agent\" to programs in [plugins.agents.launch]");
}

TEST(ALaunch, IsWithATokenThatIsGranted) {
  LaunchOrder order = AnOrder();
  order.token = TokenKind::kSystem;
  EXPECT_THAT(CheckRights(order, Rights()).message(), HasSubstr("add \"system\" to tokens"));
  LaunchRights rights = Rights();
  rights.tokens.push_back(TokenKind::kSystem);
  EXPECT_TRUE(CheckRights(order, rights).ok());
}

TEST(ALaunch, IsInASessionOfAClassThatIsGranted) {
  LaunchOrder order = AnOrder();
  order.session = OfClass("user-early");
  EXPECT_TRUE(CheckRights(order, Rights()).ok()) << "a newer kind of user's";
  order.session = OfClass("greeter");
  EXPECT_THAT(CheckRights(order, Rights()).message(), HasSubstr("add \"greeter\" to classes"));
  LaunchRights rights = Rights();
  rights.classes = {"greeter"};
  EXPECT_TRUE(CheckRights(order, rights).ok());
  order.session = OfClass("user");
  EXPECT_FALSE(CheckRights(order, rights).ok());
}

TEST(ATokenKind, HasAName) {
  EXPECT_EQ(ParseTokenKind("elevated"), TokenKind::kElevated);
  EXPECT_EQ(ParseTokenKind("root"), std::nullopt);
}

}  // namespace
}  // namespace broker
