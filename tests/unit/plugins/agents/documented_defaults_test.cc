// agents.toml shows each key with its default: an agent that says all of them is one that says
// none.
#include <fstream>
#include <regex>

#include "desk.h"
#include "settings.h"

namespace {

using usher::testing::FakeHost;

/// A value as TOML has it, as far as agents.toml needs it.
FakeHost::Value ValueOf(const std::string& toml) {
  static const std::regex kText("\"([^\"]*)\"");
  FakeHost::Strings texts;
  for (std::sregex_iterator at(toml.begin(), toml.end(), kText), end; at != end; ++at) {
    texts.push_back((*at)[1]);
  }
  if (toml.front() == '[') return texts;
  if (toml.front() == '"') return texts.at(0);
  if (toml.find('.') != std::string::npos) return std::stod(toml);
  return int64_t{std::stoll(toml)};
}

/// The keys of the one agent in agents.toml, but those without a default, which stand as examples.
std::map<std::string, FakeHost::Value> DocumentedDefaults() {
  static const std::regex kDefinition("([a-z_.]+) = (.*?)( +#.*)?");
  static const std::regex kExample("name|program|environment|limits\\..*");
  std::ifstream file(USHER_AGENTS_CONFIGURATION);
  EXPECT_TRUE(file.is_open());
  std::map<std::string, FakeHost::Value> values;
  bool is_agents = false;
  for (std::string line; std::getline(file, line);) {
    is_agents = is_agents || line == "[[plugins.agents.config.agent]]";
    std::smatch found;
    if (!is_agents || !std::regex_match(line, found, kDefinition)) continue;
    if (!std::regex_match(found[1].str(), kExample)) values[found[1]] = ValueOf(found[2]);
  }
  return values;
}

agents::Agent AgentWith(const std::map<std::string, FakeHost::Value>& values) {
  FakeHost host;
  host.Configure("agent.0.name", "tray");
  host.Configure("agent.0.program", "/bin/one");
  for (const auto& [key, value] : values) host.config["agent.0." + key] = value;
  agents::Settings settings = agents::ReadSettings(usher::Host(host.raw()).Config());
  EXPECT_THAT(host.ConfigErrors(), ::testing::IsEmpty());
  return settings.agents.at(0);
}

TEST(ADocumentedDefault, OfTheLaunchIsTrue) {
  const usher::LaunchRequest said = AgentWith(DocumentedDefaults()).launch;
  const usher::LaunchRequest unsaid = AgentWith({}).launch;
  EXPECT_EQ(said.token, unsaid.token);
  EXPECT_EQ(said.desktop, unsaid.desktop);
  EXPECT_EQ(said.arguments, unsaid.arguments);
  EXPECT_EQ(said.directory, unsaid.directory);
  EXPECT_EQ(said.ready_when, unsaid.ready_when);
  EXPECT_EQ(said.keep, unsaid.keep);
  EXPECT_EQ(said.ready_timeout, unsaid.ready_timeout);
  EXPECT_EQ(said.stop_time, unsaid.stop_time);
}

TEST(ADocumentedDefault, OfTheSessionsIsTrue) {
  const agents::Agent said = AgentWith(DocumentedDefaults());
  const agents::Agent unsaid = AgentWith({});
  EXPECT_EQ(said.scope, unsaid.scope);
  EXPECT_EQ(said.sessions.classes, unsaid.sessions.classes);
  EXPECT_EQ(said.sessions.types, unsaid.sessions.types);
  EXPECT_EQ(said.sessions.seats, unsaid.sessions.seats);
  EXPECT_EQ(said.sessions.users, unsaid.sessions.users);
  EXPECT_EQ(said.sessions.groups, unsaid.sessions.groups);
  EXPECT_EQ(said.sessions.via, unsaid.sessions.via);
  EXPECT_EQ(said.conditions.logon_screen, unsaid.conditions.logon_screen);
  EXPECT_EQ(said.conditions.logon, unsaid.conditions.logon);
  EXPECT_EQ(said.conditions.connected, unsaid.conditions.connected);
  EXPECT_EQ(said.conditions.unlocked, unsaid.conditions.unlocked);
  EXPECT_EQ(said.conditions.until_disconnected, unsaid.conditions.until_disconnected);
  EXPECT_EQ(said.conditions.until_locked, unsaid.conditions.until_locked);
  EXPECT_EQ(said.conditions.unknown_lock, unsaid.conditions.unknown_lock);
}

TEST(ADocumentedDefault, OfTheRulesIsTrue) {
  const agents::Rules said = AgentWith(DocumentedDefaults()).rules;
  const agents::Rules unsaid = AgentWith({}).rules;
  EXPECT_EQ(said.restart, unsaid.restart);
  EXPECT_EQ(said.final_codes, unsaid.final_codes);
  EXPECT_EQ(said.initial, unsaid.initial);
  EXPECT_EQ(said.max, unsaid.max);
  EXPECT_EQ(said.factor, unsaid.factor);
  EXPECT_EQ(said.jitter, unsaid.jitter);
  EXPECT_EQ(said.healthy_after, unsaid.healthy_after);
  EXPECT_EQ(said.limit, unsaid.limit);
  EXPECT_EQ(said.window, unsaid.window);
  EXPECT_EQ(said.probe, unsaid.probe);
}

TEST(ADocumentedDefault, IsFoundForEachKeyOfThePage) {
  EXPECT_EQ(DocumentedDefaults().size(), 26U);
}

}  // namespace
