#include "usherctl/sessions.h"

#include "control/results.h"
#include "usherctl/place.h"
#include "usherctl/table.h"

namespace broker {
namespace {

Table MakeTable(const SessionsResult& result) {
  Table table({{"ID"},
               {"USER", 32},
               {"UID", 48},
               {"CLASS"},
               {"TYPE"},
               {"SEAT"},
               {"WHERE", 40},
               {"STATE"},
               {"LOCKED"},
               {"SINCE (UTC)"}});
  for (const Session& session : result.sessions) {
    table.AddRow({{std::string(session.Id())},
                  {std::string(session.User())},
                  {std::string(session.UserId())},
                  {std::string(session.Class())},
                  {std::string(session.Type())},
                  {std::string(session.Seat())},
                  {PlaceOf(session)},
                  {std::string(Name(session.state))},
                  {std::string(Name(session.locked))},
                  {ShownTime(session.logon_time_us)}});
  }
  return table;
}

}  // namespace

int RunSessions(const AskOptions& options, Streams& streams) {
  return Ask(options, "sessions", streams, [&](const boost::json::value& json) -> Status {
    const auto result = ParseSessionsResult(json);
    if (result.ok()) MakeTable(result.value()).Print(streams.out, streams.colour);
    return result.status();
  });
}

}  // namespace broker
