// The agents' configuration: what is wrong is told with its key, and so with its line.
#include "settings.h"

#include "config_reader.h"
#include "desk.h"
#include "variables.h"

namespace {

using ::testing::HasSubstr;
using usher::testing::FakeHost;
using Texts = std::vector<std::string>;

/// What is wrong with one key of an agent, or of all of them.
struct Mistake {
  const char* key;
  FakeHost::Value value;
  const char* told;
};

class AnAgentsMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(AnAgentsMistake, IsToldWithItsKey) {
  FakeHost host;
  host.Configure("agent.0.name", "tray");
  host.Configure("agent.0.program", "/bin/one");
  host.config[GetParam().key] = GetParam().value;
  usher::testing::Driver driver(host);
  const auto result = driver.Start();
  EXPECT_FALSE(result);
  EXPECT_THAT(result.text, HasSubstr(GetParam().key));
  EXPECT_THAT(result.text, HasSubstr(GetParam().told));
}

INSTANTIATE_TEST_SUITE_P(
    InTheConfiguration, AnAgentsMistake,
    ::testing::Values(
        Mistake{"agent", std::string("x"), "must be tables, one for each agent"},
        Mistake{"agent.0.name", std::string("Tray 1"), "must be of a-z, 0-9 and '-'"},
        Mistake{"agent.0.name", std::string(65, 'a'), "at most 64"},
        Mistake{"agent.0.name", int64_t{1}, "must be a text"},
        Mistake{"agent.0.program", std::string("one"), "must be an absolute path; it is \"one\""},
        Mistake{"agent.0.program", std::string(), "must be an absolute path"},
        Mistake{"agent.0.program", std::string("/opt/../one"),
                "must be without '.', '..' and '//'"},
        Mistake{"agent.0.program", std::string("/opt//one"), "must be without '.', '..' and '//'"},
        Mistake{"agent.0.directory", std::string("srv"), "must be an absolute path"},
        Mistake{"agent.0.directory", std::string("/srv/../root"), "must be without '.', '..'"},
        Mistake{"agent.0.args", Texts{"${session.usr}"}, "there is no variable ${session.usr}"},
        Mistake{"agent.0.args", Texts{"${session.user"}, "there is no variable ${session.user;"},
        Mistake{"agent.0.args", Texts(65, "x"), "must be at most 64"},
        Mistake{"agent.0.args", Texts{std::string(16385, 'x')}, "at most 16384 bytes"},
        Mistake{"agent.0.environment", Texts{"A=" + std::string(16385, 'x')}, "one has 16385"},
        Mistake{"agent.0.environment", Texts{std::string(16385, 'A') + "=1"}, "one has 16385"},
        Mistake{"agent.0.program", "/" + std::string(16384, 'x'), "one has 16385"},
        Mistake{"agent.0.environment", Texts{"A=${HOME}"}, "there is no variable ${HOME}"},
        Mistake{"agent.0.environment", Texts{"1A=x"}, "must be texts as \"NAME=value\""},
        Mistake{"agent.0.environment", Texts{"A"}, "must be texts as \"NAME=value\""},
        Mistake{"agent.0.environment", Texts{"PATH=/opt"}, "may not set PATH: choose another"},
        Mistake{"agent.0.environment", Texts{"LD_PRELOAD=/x"}, "may not set LD_PRELOAD"},
        Mistake{"agent.0.start_on", Texts{"login"}, "must be a list of \"logon\", \"connected\""},
        Mistake{"agent.0.start_on", Texts{}, "must not be empty"},
        Mistake{"agent.0.start_on", Texts{"logoff"}, "\"logoff\" is in stop_on, too"},
        Mistake{"agent.0.stop_on", Texts{"unlocked"}, "\"logoff\", \"disconnected\", \"locked\""},
        Mistake{"agent.0.scope", std::string("seat"), "\"session\", \"user\", \"console\""},
        Mistake{"agent.0.restart", std::string("yes"), "\"always\", \"on-failure\", \"never\""},
        Mistake{"agent.0.no_restart_codes", Texts{"three"}, "texts with exit codes"},
        Mistake{"agent.0.backoff.initial", std::string("1"), "must be a time from 0 s to 1 h"},
        Mistake{"agent.0.backoff.factor", 0.5, "must be from 1 to 100; it is 0.5"},
        Mistake{"agent.0.backoff.jitter", 1.5, "must be from 0 to 1; it is 1.5"},
        Mistake{"agent.0.backoff.jitter", std::string("x"), "must be a number"},
        Mistake{"agent.0.give_up.limit", int64_t{0}, "must be from 1 to 1000; it is 0"},
        Mistake{"agent.0.give_up.probe", std::string("0 s"), "must be a time from 1 s to 24 h"},
        Mistake{"agent.0.stop", std::string("1 h"), "must be a time from 0 s to 10 min"},
        Mistake{"agent.0.disconnected", std::string("drop"), "\"keep\", \"stop\""},
        Mistake{"agent.0.ready_when", Texts{"network"}, "one is \"network\""},
        Mistake{"agent.0.ready_timeout", std::string("11 min"), "100 ms to 10 min"},
        Mistake{"agent.0.on_broker_exit", std::string("kill"), "\"keep\", \"stop\""},
        Mistake{"agent.0.unknown_lock", std::string("maybe"), "\"locked\", \"unlocked\""},
        Mistake{"agent.0.token", std::string("root"), "\"user\", \"elevated\", \"system\""},
        Mistake{"agent.0.desktop", std::string("two"), "\"default\", \"winlogon\""},
        Mistake{"agent.0.limits.memory", std::string("much"), "must be a size"},
        Mistake{"agent.0.limits.memory", std::string("0"), "must be a size"},
        Mistake{"agent.0.limits.memory", std::string("1023 KiB"), "must be at least \"1 MiB\""},
        Mistake{"agent.0.limits.open_files", int64_t{4}, "must be from 5 to"},
        Mistake{"agent.0.program", std::string("/opt/${session.user}"), "without \"${\""},
        Mistake{"agent.0.directory", std::string("/home/${session.user}"), "without \"${\""},
        Mistake{"agent.0.environment", Texts{"USHER_AGENT=x"}, "may not set USHER_AGENT"},
        Mistake{"agent.0.environment", Texts{"A=1", "B=1", "A=2"}, "sets A twice"},
        Mistake{"agent.0.limits.tasks", int64_t{0}, "must be from 1 to"},
        Mistake{"agent.0.limits.cpu_percent", int64_t{-1}, "must be from 1 to"},
        Mistake{"agent.0.sessions.via", std::string("ssh"), "\"console\", \"remote\""},
        Mistake{"agent.0.sessions.user", std::string("anna"), "must be a list of texts"},
        Mistake{"agent.0.sessions.user", Texts{"anna", ""}, "must have no empty text"},
        Mistake{"agent.0.sessions.group", Texts{""}, "must have no empty text"},
        Mistake{"agent.0.sessions.user", Texts{"[ab]*"}, "and no more; one is \"[ab]*\""},
        Mistake{"agent.0.sessions.class", Texts{"user|greeter"}, "'?' for any character"},
        Mistake{"agent.0.stop", std::string("-1 s"), "must be a time from 0 s to 10 min"},
        Mistake{"agent.0.colour", true, "the plugin knows no such key"}));

/// Why a configuration is refused whose keys are right each for itself.
std::string Refusal(const std::function<void(FakeHost&)>& configure) {
  FakeHost host;
  host.Configure("agent.0.name", "tray");
  host.Configure("agent.0.program", "/bin/one");
  configure(host);
  usher::testing::Driver driver(host);
  return driver.Start().text;
}

TEST(AConfigurationOfAgents, MayNotContradictItself) {
  EXPECT_THAT(Refusal([](FakeHost& host) {
                host.Configure("agent.0.start_on", {"locked"});
                host.Configure("agent.0.stop_on", {"locked"});
              }),
              HasSubstr("agent.0.start_on: \"locked\" is in stop_on, too"));
  EXPECT_THAT(Refusal([](FakeHost& host) {
                host.Configure("agent.0.stop_on", {"disconnected"});
                host.Configure("agent.0.disconnected", "keep");
              }),
              HasSubstr("agent.0.disconnected: it is \"keep\""));
  EXPECT_THAT(Refusal([](FakeHost& host) {
                host.Configure("agent.0.start_on", {"logon_screen"});
                host.Configure("agent.0.sessions.class", {"user"});
              }),
              HasSubstr("agent.0.sessions.class: start_on has \"logon_screen\""));
  EXPECT_THAT(Refusal([](FakeHost& host) {
                host.Configure("agent.0.scope", "console");
                host.Configure("agent.0.sessions.via", "remote");
              }),
              HasSubstr("agent.0.sessions.via: scope is \"console\""));
  EXPECT_THAT(Refusal([](FakeHost& host) {
                host.Configure("agent.1.name", "tray");
                host.Configure("agent.1.program", "/bin/two");
              }),
              HasSubstr("agent.1.name: there is another agent \"tray\""));
  EXPECT_THAT(Refusal([](FakeHost& host) { host.config.erase("agent.0.name"); }),
              HasSubstr("agent.0.name: must be there"));
  EXPECT_THAT(Refusal([](FakeHost& host) { host.config.erase("agent.0.program"); }),
              HasSubstr("agent.0.program: must be there"));
  EXPECT_THAT(Refusal([](FakeHost& host) { host.Configure("agent.0.stop_on", {"logon"}); }),
              HasSubstr("\"logon\" is in stop_on, too"));
  EXPECT_THAT(Refusal([](FakeHost& host) { host.Configure("agent.0.backoff.initial", "2 min"); }),
              HasSubstr("agent.0.backoff.max: must not be less than"));
  EXPECT_THAT(
      Refusal([](FakeHost& host) { host.Configure("agent.0.sessions.class", {"greeter"}); }),
      HasSubstr("agent.0.start_on: nobody logs on in a session"));
  EXPECT_EQ(Refusal([](FakeHost&) {}), "");
}

TEST(AConfigurationOfAgents, MayHaveAGlobForTheLogonScreen) {
  for (const char* glob : {"*", "greet*", "greeter"}) {
    EXPECT_EQ(Refusal([glob](FakeHost& host) {
                host.Configure("agent.0.start_on", {"logon_screen"});
                host.Configure("agent.0.sessions.class", {glob});
              }),
              "");
  }
}

TEST(AConfigurationOfAgents, NamesExitCodesAsWindowsDoes) {
  FakeHost host;
  host.Configure("agent.0.name", "tray");
  host.Configure("agent.0.program", "/bin/one");
  host.Configure("agent.0.no_restart_codes", {"3", "0xC0000142"});
  const agents::Settings settings = agents::ReadSettings(usher::Host(host.raw()).Config());
  EXPECT_THAT(settings.agents.at(0).rules.final_codes,
              ::testing::ElementsAre(static_cast<int32_t>(0xC0000142U), 3));
}

TEST(AVariable, StandsForAFactOfTheSession) {
  agents::Session session;
  session.user = "anna ${session.id}";
  session.id = "7";
  EXPECT_EQ(agents::Expand("a${session.user}b${session.id}", session), "aanna ${session.id}b7")
      << "what it stands for is not read again";
  EXPECT_EQ(agents::Expand("$ $x {y} $${session.id} $$", session), "$ $x {y} ${session.id} $$");
  EXPECT_EQ(agents::UnknownVariable("${session.id} ${a} ${b}"), "${a}");
  EXPECT_EQ(agents::UnknownVariable("$${a} ${session.key}"), std::nullopt);
}

TEST(ASize, HasAUnitOrIsInBytes) {
  using plugins::ParseBytes;
  EXPECT_EQ(ParseBytes("4096"), 4096U);
  EXPECT_EQ(ParseBytes("64 KiB"), 65536U);
  EXPECT_EQ(ParseBytes("3GiB"), uint64_t{3} << 30U);
  EXPECT_EQ(ParseBytes("16777215 TiB"), uint64_t{16777215} << 40U);
  for (const char* const text : {"", "KiB", "-1", "-1 MiB", "1.5 MiB", "1 MB", "99999999999",
                                 "16777216 TiB", "16777217 TiB"}) {
    EXPECT_EQ(ParseBytes(text), std::nullopt) << text;
  }
}

}  // namespace
