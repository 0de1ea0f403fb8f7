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

int32_t CodeOf(const std::optional<LaunchFailure>& refusal) {
  return refusal ? refusal->code : 0;
}

void ExpectRefusal(const std::optional<LaunchFailure>& refusal, std::string_view key,
                   std::string_view meaning, std::string_view advice) {
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->stage, LaunchStage::kPolicy);
  EXPECT_EQ(refusal->call, key);
  EXPECT_EQ(refusal->code, kNotPermittedCode);
  EXPECT_EQ(refusal->meaning, meaning);
  EXPECT_EQ(refusal->advice, advice);
  EXPECT_EQ(refusal->remedy, Remedy::kFix);
}

TEST(ALaunch, IsAllRight) {
  EXPECT_FALSE(CheckLaunch(AnOrder()));
  EXPECT_FALSE(CheckRights(AnOrder(), Rights()));
}

TEST(ALaunch, NeedsANameThatAUnitCanHave) {
  for (const std::string& name : {std::string(), std::string("Tray"), std::string("a/b"),
                                  std::string("a b"), std::string("../a"), std::string(65, 'a')}) {
    LaunchOrder order = AnOrder();
    order.agent = name;
    EXPECT_EQ(CodeOf(CheckLaunch(order)), kInvalidCode) << name;
  }
}

TEST(ALaunch, NeedsAPathWithoutDetours) {
  for (const char* const path :
       {"agent", "", "/opt/example/../agent", "/opt//agent", "/opt/./a", "/opt/example/.."}) {
    LaunchOrder order = AnOrder();
    order.program = path;
    EXPECT_EQ(CodeOf(CheckLaunch(order)), kInvalidCode) << path;
  }
}

std::string RefusalWith(uint64_t memory_bytes, uint64_t open_files) {
  LaunchOrder order = AnOrder();
  order.limits.memory_bytes = memory_bytes;
  order.limits.open_files = open_files;
  const auto refusal = CheckLaunch(order);
  return refusal ? refusal->meaning : "";
}

TEST(ALaunch, MayUseSoMuchThatItCanStart) {
  EXPECT_EQ(RefusalWith(kLeastMemory, kLeastOpenFiles), "");
  EXPECT_EQ(RefusalWith(kLeastMemory - 1, 0),
            "its limit of memory is 1048575 bytes; nothing starts with less than 1048576");
  EXPECT_EQ(RefusalWith(0, 4), "its limit of open files is 4; nothing starts with fewer than 5");
}

TEST(ALaunch, MayNotSetWhatTheLoaderObeys) {
  LaunchOrder order = AnOrder();
  order.variables = {{"LD_PRELOAD", "/tmp/x.so"}};
  const auto refusal = CheckLaunch(order);
  ASSERT_TRUE(refusal);
  EXPECT_THAT(refusal->meaning, HasSubstr("'LD_PRELOAD' is not free"));
  EXPECT_EQ(refusal->call, "start");
  EXPECT_THAT(refusal->advice, HasSubstr("in the plugin's configuration"));
}

TEST(ALaunch, IsOfAProgramThatIsGranted) {
  EXPECT_FALSE(CheckRights(AnOrder(), Rights({"/opt/example/"}))) << "a folder";
  EXPECT_FALSE(CheckRights(AnOrder(), Rights({"/x", "/opt/example/agent"})));
  for (const char* const granted : {"/opt/example", "/opt/example/agen", "/opt/example/agent2"}) {
    EXPECT_EQ(CodeOf(CheckRights(AnOrder(), Rights({granted}))), kNotPermittedCode) << granted;
  }
  ExpectRefusal(CheckRights(AnOrder(), Rights({})), "programs",
                "the configuration lets 'agents' launch no program '/opt/example/agent'",
                "add \"/opt/example/agent\" to programs in [plugins.agents.launch], and reload");
}

TEST(ALaunch, IsWithATokenThatIsGranted) {
  LaunchOrder order = AnOrder();
  order.token = TokenKind::kSystem;
  ExpectRefusal(CheckRights(order, Rights()), "tokens",
                "the configuration lets 'agents' launch no agent with the token 'system'",
                "add \"system\" to tokens in [plugins.agents.launch], and reload");
  LaunchRights rights = Rights();
  rights.tokens.push_back(TokenKind::kSystem);
  EXPECT_FALSE(CheckRights(order, rights));
}

TEST(ALaunch, IsInASessionOfAClassThatIsGranted) {
  LaunchOrder order = AnOrder();
  order.session = OfClass("user-early");
  EXPECT_FALSE(CheckRights(order, Rights())) << "a newer kind of user's";
  order.session = OfClass("greeter");
  ExpectRefusal(
      CheckRights(order, Rights()), "classes",
      "the configuration lets 'agents' launch no agent in sessions of the class 'greeter'",
      "add \"greeter\" to classes in [plugins.agents.launch], and reload");
  LaunchRights rights = Rights();
  rights.classes = {"greeter"};
  EXPECT_FALSE(CheckRights(order, rights));
  order.session = OfClass("user");
  EXPECT_TRUE(CheckRights(order, rights));
}

TEST(ATokenKind, HasAName) {
  EXPECT_EQ(ParseTokenKind("elevated"), TokenKind::kElevated);
  EXPECT_EQ(ParseTokenKind("root"), std::nullopt);
}

}  // namespace
}  // namespace broker
