#include "usherctl/plugins.h"

#include "control/results.h"
#include "usherctl/table.h"

namespace broker {
namespace {

Style StyleOf(const std::string& state) {
  return state == "failed" || state == "quarantined" ? Style::kAlarm : Style::kPlain;
}

Table MakeTable(const PluginsResult& result) {
  Table table({{"NAME", 64},
               {"STATE"},
               {"ID", 48},
               {"VERSION"},
               {"STRIKES"},
               {"LAG"},
               {"QUARANTINED SINCE (UTC)"},
               {"LAST ERROR", 120}});
  for (const PluginRow& row : result.plugins) {
    table.AddRow({{row.name},
                  {row.state, StyleOf(row.state)},
                  {row.id},
                  {row.version},
                  {std::to_string(row.strikes)},
                  {std::to_string(row.lag)},
                  {ShownTime(row.quarantined_us)},
                  {row.last_error}});
  }
  return table;
}

}  // namespace

int RunPlugins(const AskOptions& options, Streams& streams) {
  return Ask(options, "plugins", streams, [&](const boost::json::value& json) -> Status {
    const auto result = ParsePluginsResult(json);
    if (result.ok()) MakeTable(result.value()).Print(streams.out, streams.colour);
    return result.status();
  });
}

int RunPluginsRelease(const AskOptions& options, const std::string& instance, Streams& streams) {
  const auto show = [&](const boost::json::value&) {
    streams.out << instance << " is released; it goes on at the log's end\n";
    return Status();
  };
  return Ask(options, "plugins.release", streams, show, {{"instance", instance}});
}

}  // namespace broker
