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

Table MakeTable(const AgentsResult& result) {
  Table table({{"AGENT", 64},
               {"SESSION", 24},
               {"STATE"},
               {"PID"},
               {"RESTARTS"},
               {"LAST EXIT", 60},
               {"NEXT TRY (UTC)"},
               {"WHY", 300}});
  for (const AgentRow& row : result.agents) {
    table.AddRow({{row.agent},
                  {row.session},
                  {row.state, StyleOf(row.state)},
                  {OrNone(row.pid)},
                  {std::to_string(row.restarts)},
                  {row.last_exit},
                  {ShownTime(row.next_try_us)},
                  {row.reason}});
  }
  return table;
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
  const auto show = [&](const boost::json::value&) {
    streams.out << agents.agent << ": asked to " << verb
                << "; usherctl agents shows what comes of it\n";
    return Status();
  };
  boost::json::object params{{"agent", agents.agent}};
  if (!agents.session.empty()) params["session"] = agents.session;
  return Ask(options, "agents." + verb, streams, show, params, kSteeringTimeout);
}

}  // namespace broker
