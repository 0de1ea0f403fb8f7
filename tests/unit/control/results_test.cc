#include "control/results.h"

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/unit/control/fake_backend.h"

namespace broker {
namespace {

using ::testing::HasSubstr;

boost::json::value OverTheWire(const boost::json::value& json) {
  return boost::json::parse(boost::json::serialize(json));
}

TEST(AStatusResult, ComesBackFromItsJson) {
  StatusResult sent;
  sent.version = "0.1.0";
  sent.pid = 812;
  sent.started_us = 1'777'881'612'123'456;
  sent.source = "logind";
  sent.source_state = "lost";
  sent.source_since_us = 1'777'881'612'123'457;
  sent.source_dropped = 9;
  sent.log_degraded_since_us = 1'777'881'612'123'458;
  sent.trouble = {"one", "two"};
  sent.losses = {"three"};
  sent.log_directory = "/var/log/usher";
  sent.log_trouble = "the disk is full";
  sent.last_seq = 4711;
  sent.sessions = 3;
  sent.plugins_running = 2;
  sent.plugins_failed = 1;
  const auto got = ParseStatusResult(OverTheWire(ToJson(sent)));
  ASSERT_TRUE(got.ok()) << got.status().message();
  EXPECT_EQ(got->version, sent.version);
  EXPECT_EQ(got->pid, sent.pid);
  EXPECT_EQ(got->started_us, sent.started_us);
  EXPECT_EQ(got->source, sent.source);
  EXPECT_EQ(got->source_state, sent.source_state);
  EXPECT_EQ(got->source_since_us, sent.source_since_us);
  EXPECT_EQ(got->source_dropped, sent.source_dropped);
  EXPECT_EQ(got->log_degraded_since_us, sent.log_degraded_since_us);
  EXPECT_EQ(got->trouble, sent.trouble);
  EXPECT_EQ(got->losses, sent.losses);
  EXPECT_EQ(got->log_directory, sent.log_directory);
  EXPECT_EQ(got->log_trouble, sent.log_trouble);
  EXPECT_EQ(got->last_seq, sent.last_seq);
  EXPECT_EQ(got->sessions, sent.sessions);
  EXPECT_EQ(got->plugins_running, sent.plugins_running);
  EXPECT_EQ(got->plugins_failed, sent.plugins_failed);
}

TEST(ASessionsResult, ComesBackFromItsJson) {
  SessionFacts opening;
  opening.id = "c1";
  const SessionsResult sent{4711, {testing::SomeSession("2"), opening}};
  const auto got = ParseSessionsResult(OverTheWire(ToJson(sent)));
  ASSERT_TRUE(got.ok()) << got.status().message();
  EXPECT_EQ(got->as_of, sent.as_of);
  EXPECT_EQ(got->sessions, sent.sessions);
}

TEST(ASessionsResult, CarriesAnyUserName) {
  SessionFacts odd = testing::SomeSession("2").Facts();
  odd.user = "a\"b\\c\nd\te\x01\x7f</script>☃";
  SessionFacts long_one = testing::SomeSession("3").Facts();
  long_one.user = std::string(10'000, '"');
  const SessionsResult sent{1, {odd, long_one}};
  const auto got = ParseSessionsResult(OverTheWire(ToJson(sent)));
  ASSERT_TRUE(got.ok()) << got.status().message();
  EXPECT_EQ(got->sessions, sent.sessions);
}

TEST(ASessionsResult, WritesStrayBytesAsText) {
  SessionFacts stray = testing::SomeSession("2").Facts();
  stray.user =
      "al\xff"
      "ice";
  const SessionsResult sent{1, {stray}};
  const auto got = ParseSessionsResult(OverTheWire(ToJson(sent)));
  ASSERT_TRUE(got.ok()) << got.status().message();
  EXPECT_EQ(got->sessions[0].User(), "al\\xFFice");
}

TEST(APluginsResult, ComesBackFromItsJson) {
  PluginsResult sent;
  sent.plugins.push_back({"presence", "running", "org.usher.presence", "0.1.0", "/x/presence.so", 2,
                          4700, 11, "it said \"no\"", 0, 17, 5});
  sent.plugins.push_back({"broken", "failed", "", "", "/x/broken.so", 0, 0, 0, "no entry"});
  const auto got = ParsePluginsResult(OverTheWire(ToJson(sent)));
  ASSERT_TRUE(got.ok()) << got.status().message();
  EXPECT_EQ(got->plugins, sent.plugins);
}

TEST(AnAgentsResult, ComesBackFromItsJson) {
  AgentsResult sent;
  sent.agents.push_back({"agents", "tray", "2", "running", 812, 3, "it exited", "why \"not\"", 0});
  sent.agents.push_back({"agents", "tray", "17", "gave up", 0, 9, "", "", 1'777'881'612'123'456});
  const auto got = ParseAgentsResult(OverTheWire(ToJson(sent)));
  ASSERT_TRUE(got.ok()) << got.status().message();
  EXPECT_EQ(got->agents, sent.agents);
}

TEST(AReloadResult, ComesBackFromItsJson) {
  ReloadResult sent{{"a:1:2: wrong"}, {"new"},        {"it", "two"},
                    {"old"},          {{"it", "no"}}, {"log.sync"}};
  const auto got = ParseReloadResult(OverTheWire(ToJson(sent)));
  ASSERT_TRUE(got.ok()) << got.status().message();
  EXPECT_EQ(got->errors, sent.errors);
  EXPECT_EQ(got->started, sent.started);
  EXPECT_EQ(got->restarted, sent.restarted);
  EXPECT_EQ(got->stopped, sent.stopped);
  EXPECT_EQ(got->failed, sent.failed);
  EXPECT_EQ(got->needs_restart, sent.needs_restart);
  EXPECT_FALSE(ParseReloadResult(boost::json::parse(R"({"errors":[1]})")).ok());
  EXPECT_FALSE(ParseReloadResult(boost::json::parse(R"({"errors":"none"})")).ok());
}

TEST(AResult, PassesOverMembersThatItDoesNotKnow) {
  auto json = ToJson(PluginsResult{{{"presence", "running", "", "", "", 0, 0, 0, ""}}});
  json.as_object()["newer"] = {1, 2};
  json.at("plugins").at(0).as_object()["colour"] = "blue";
  EXPECT_TRUE(ParsePluginsResult(json).ok());
}

TEST(AResult, NamesTheMemberThatIsMissing) {
  auto json = ToJson(SessionsResult{1, {testing::SomeSession("2")}});
  json.at("sessions").at(0).as_object().erase("user_id");
  const auto got = ParseSessionsResult(json);
  EXPECT_EQ(got.status().code(), StatusCode::kCorrupt);
  EXPECT_THAT(got.status().message(), HasSubstr("sessions.sessions.user_id is missing"));
}

// Each text replaces the member `name` of a status result.
struct WrongMember {
  const char* name;
  const char* json;
};

class AStatusResultWithAWrongMember : public ::testing::TestWithParam<WrongMember> {};

TEST_P(AStatusResultWithAWrongMember, IsRefusedByName) {
  auto json = ToJson(StatusResult{});
  json.as_object()[GetParam().name] = boost::json::parse(GetParam().json);
  const auto got = ParseStatusResult(json);
  EXPECT_EQ(got.status().code(), StatusCode::kCorrupt);
  EXPECT_THAT(got.status().message(), HasSubstr(std::string("status.") + GetParam().name));
}

INSTANTIATE_TEST_SUITE_P(
    Each, AStatusResultWithAWrongMember,
    ::testing::Values(WrongMember{"version", "1"}, WrongMember{"version", "null"},
                      WrongMember{"pid", "\"812\""}, WrongMember{"pid", "1.5"},
                      WrongMember{"started", "\"yesterday\""}, WrongMember{"source", "\"logind\""},
                      WrongMember{"source", "{}"}, WrongMember{"log", "[]"},
                      WrongMember{"sessions", "-1"}, WrongMember{"sessions", "3.0"},
                      WrongMember{"plugins", "{\"running\":1}"}));

TEST(AResult, ThatIsNoObjectIsRefused) {
  EXPECT_EQ(ParseStatusResult(nullptr).status().code(), StatusCode::kCorrupt);
  EXPECT_EQ(ParseSessionsResult(boost::json::parse("[]")).status().code(), StatusCode::kCorrupt);
  EXPECT_EQ(ParsePluginsResult(boost::json::parse(R"({"plugins":[3]})")).status().code(),
            StatusCode::kCorrupt);
}

}  // namespace
}  // namespace broker
