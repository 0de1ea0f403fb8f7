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

int Steer(const AskOptions& options, std::string_view method, const std::string& instance,
          std::string_view done, Streams& streams) {
  const auto show = [&](const boost::json::value&) {
    streams.out << instance << done << '\n';
    return Status();
  };
  return Ask(options, method, streams, show, {{"instance", instance}}, kSteeringTimeout);
}

}  // namespace

int RunPlugins(const AskOptions& options, Streams& streams) {
  return Ask(options, "plugins", streams, [&](const boost::json::value& json) -> Status {
    const auto result = ParsePluginsResult(json);
    if (result.ok()) MakeTable(result.value()).Print(streams.out, streams.colour);
    return result.status();
  });
}

int RunPluginsEnable(const AskOptions& options, const std::string& instance, Streams& streams) {
  return Steer(options, "plugins.enable", instance, " is enabled; it goes on at the log's end",
               streams);
}

int RunPluginsDisable(const AskOptions& options, const std::string& instance, Streams& streams) {
  return Steer(options, "plugins.disable", instance,
               " is disabled, until usherctl plugins enable, also when the broker starts again",
               streams);
}

int RunPluginsReload(const AskOptions& options, const std::string& instance, Streams& streams) {
  return Steer(options, "plugins.reload", instance, " is reloaded; it goes on where it was",
               streams);
}

int RunPluginsRelease(const AskOptions& options, const std::string& instance, Streams& streams) {
  return Steer(options, "plugins.release", instance, " is released; it goes on at the log's end",
               streams);
}

}  // namespace broker
