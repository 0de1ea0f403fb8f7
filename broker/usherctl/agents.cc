#include "usherctl/agents.h"

#include "control/agents.h"
#include "usherctl/table.h"

namespace broker {
namespace {

Style StyleOf(const std::string& state) {
  return state == "gave up" || state == "backing off" ? Style::kAlarm : Style::kPlain;
}

std::string OrNone(int64_t number) {
  return number == 0 ? std::string() : std::to_string(number);
}

/// By instance, as they come.
bool AreOfOneInstance(const std::vector<AgentRow>& agents) {
  return agents.empty() || agents.front().instance == agents.back().instance;
}

Table MakeTable(const AgentsResult& result) {
  std::vector<Table::Column> columns{
      {"AGENT", 64}, {"SESSION", 24},   {"STATE"},          {"PID"},
      {"RESTARTS"},  {"LAST EXIT", 60}, {"NEXT TRY (UTC)"}, {"WHY", 300}};
  const bool of_one = AreOfOneInstance(result.agents);
  if (!of_one) columns.insert(columns.begin(), Table::Column{"INSTANCE", 64});
  Table table(std::move(columns));
  for (const AgentRow& row : result.agents) {
    std::vector<Table::Cell> cells{{row.agent},
                                   {row.session},
                                   {row.state, StyleOf(row.state)},
                                   {OrNone(row.pid)},
                                   {std::to_string(row.restarts)},
                                   {row.last_exit},
                                   {ShownTime(row.next_try_us)},
                                   {row.reason}};
    if (!of_one) cells.insert(cells.begin(), Table::Cell{row.instance});
    table.AddRow(std::move(cells));
  }
  return table;
}

/// ", by one, two and three"; nothing where there is but one.
std::string ByWhom(const std::vector<std::string>& instances) {
  std::string text;
  for (size_t i = 0; instances.size() > 1 && i < instances.size(); ++i) {
    const bool is_last = i + 1 == instances.size();
    text.append(i == 0 ? ", by " : is_last ? " and " : ", ") += instances[i];
  }
  return text;
}

}  // namespace

int RunAgents(const AskOptions& options, Streams& streams) {
  return Ask(options, "agents", streams, [&](const boost::json::value& json) -> Status {
    const auto result = ParseAgentsResult(json);
    if (result.ok()) MakeTable(result.value()).Print(streams.out, streams.colour);
    return result.status();
  });
}

int RunAgentsVerb(const AskOptions& options, const std::string& verb, const AgentOptions& agents,
                  Streams& streams) {
  const auto show = [&](const boost::json::value& json) {
    const auto asked = ParseAgentRequestResult(json);
    if (!asked.ok()) return asked.status();
    streams.out << agents.agent << ": asked to " << verb << ByWhom(asked->instances)
                << "; usherctl agents shows what comes of it\n";
    return Status();
  };
  boost::json::object params{{"agent", agents.agent}};
  if (!agents.session.empty()) params["session"] = agents.session;
  if (!agents.instance.empty()) params["instance"] = agents.instance;
  return Ask(options, "agents." + verb, streams, show, params, kSteeringTimeout);
}

}  // namespace broker
