#include "usherctl/explain.h"

#include <algorithm>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "action/failures.h"
#include "control/json_fields.h"
#include "event/text.h"
#include "settings/suggest.h"
#include "usherctl/table.h"

namespace broker {
namespace {

using Rows = std::vector<const FailureRow*>;

std::string StageOf(const FailureRow& row) {
  return row.stage ? std::string(Name(*row.stage)) : "any";
}

/// "1008 ERROR_NO_TOKEN"; "any code".
std::string CodeOf(const FailureRow& row) {
  if (!row.code) return "any code";
  return CodeText(row) + (row.symbol.empty() ? "" : " " + std::string(row.symbol));
}

std::string SessionOf(const FailureRow& row) {
  switch (row.session) {
    case SessionIs::kGone:
      return "the session is gone";
    case SessionIs::kAway:
      return "nobody sees the session";
    case SessionIs::kFront:
      return "the session is in front";
    case SessionIs::kAnyhow:
      break;
  }
  return {};
}

std::string RemedyOf(const FailureRow& row) {
  switch (row.remedy) {
    case Remedy::kRetry:
      return "tried again, later each time";
    case Remedy::kDefer:
      return "put off until " + std::string(Name(row.until));
    case Remedy::kFix:
      return "fails until it is mended";
    case Remedy::kDrop:
      break;
  }
  return "let go";
}

/// "windows, token, WTSQueryUserToken, where the session is gone".
std::string ConditionOf(const FailureRow& row) {
  std::string text = row.system == CodeSystem::kAny ? "any system" : std::string(Name(row.system));
  text += row.stage ? ", " + StageOf(row) : ", any stage";
  if (!row.call.empty()) text += ", " + std::string(row.call);
  const std::string session = SessionOf(row);
  return session.empty() ? text : text + ", where " + session;
}

void PrintRow(const FailureRow& row, Streams& streams) {
  streams.out << Styled(CodeOf(row) + ": " + std::string(row.id), Style::kBold, streams.colour)
              << " (" << ConditionOf(row) << ")\n  what   " << row.meaning << "\n  agent  "
              << RemedyOf(row) << "\n  to do  " << row.advice << '\n';
}

void PrintTable(const Rows& rows, Streams& streams) {
  Table table(
      {{"CODE", 10}, {"NAME", 60}, {"SYSTEM"}, {"STAGE"}, {"CALL", 30}, {"ID", 32}, {"AGENT", 40}});
  for (const FailureRow* row : rows) {
    table.AddRow({{CodeText(*row)},
                  {std::string(row->symbol)},
                  {std::string(Name(row->system))},
                  {StageOf(*row)},
                  {std::string(row->call)},
                  {std::string(row->id)},
                  {RemedyOf(*row)}});
  }
  table.Print(streams.out, streams.colour);
}

void PrintMarkdown(const Rows& rows, Streams& streams) {
  streams.out << "# What can go wrong on the way to an agent\n\n"
                 "The table in failures.h, made by `usherctl explain --markdown`. The first row "
                 "that fits counts.\n\n"
                 "| id | condition | code | what it means | agent | to do |\n"
                 "|---|---|---|---|---|---|\n";
  for (const FailureRow* row : rows) {
    streams.out << "| " << row->id << " | " << ConditionOf(*row) << " | " << CodeOf(*row) << " | "
                << row->meaning << " | " << RemedyOf(*row) << " | " << row->advice << " |\n";
  }
}

boost::json::value ToJson(const FailureRow& row) {
  boost::json::object object{{"id", row.id},
                             {"system", Name(row.system)},
                             {"stage", nullptr},
                             {"call", row.call},
                             {"code", nullptr},
                             {"name", row.symbol},
                             {"session", Name(row.session)},
                             {"meaning", row.meaning},
                             {"remedy", Name(row.remedy)},
                             {"until", Name(row.until)},
                             {"advice", row.advice}};
  if (row.stage) object["stage"] = Name(*row.stage);
  if (row.code) object["code"] = *row.code;
  return object;
}

void PrintJson(const Rows& rows, Streams& streams) {
  boost::json::array array;
  for (const FailureRow* row : rows) array.push_back(ToJson(*row));
  streams.out << boost::json::serialize(array) << '\n';
}

/// Those of another system come last.
Rows RowsOf(const std::string& code, CodeSystem system) {
  Rows rows = FindRows(code);
  std::stable_partition(rows.begin(), rows.end(), [system](const FailureRow* row) {
    return row->system == system || row->system == CodeSystem::kAny;
  });
  return rows;
}

Rows Wanted(const ExplainOptions& options) {
  if (!options.code.empty()) return RowsOf(options.code, options.system);
  Rows rows;
  for (const FailureRow& row : FailureRows()) rows.push_back(&row);
  return rows;
}

void Print(const ExplainOptions& options, const Rows& rows, Streams& streams) {
  if (options.json) return PrintJson(rows, streams);
  if (options.markdown) return PrintMarkdown(rows, streams);
  if (options.code.empty()) return PrintTable(rows, streams);
  for (const FailureRow* row : rows) PrintRow(*row, streams);
}

/// A number is not taken for its neighbour.
void ComplainAboutUnknown(const std::string& code, Streams& streams) {
  std::vector<std::string> known;
  for (const FailureRow& row : FailureRows()) {
    known.emplace_back(row.id);
    if (!row.symbol.empty()) known.emplace_back(row.symbol);
  }
  const auto nearest = Nearest(code, known);
  Complain(streams, "no failure of agents is known by '" + code + "'; " +
                        (nearest ? "did you mean " + *nearest + "?"
                                 : "'usherctl explain' lists all, and what an agent's own exit "
                                   "codes mean is in its documentation"));
}

}  // namespace

int RunExplain(const ExplainOptions& options, Streams& streams) {
  const Rows rows = Wanted(options);
  if (rows.empty()) ComplainAboutUnknown(options.code, streams);
  if (!rows.empty() || options.json) Print(options, rows, streams);
  const ExitCode written = FinishOutput(streams);
  return rows.empty() ? kExitFailed : written;
}

}  // namespace broker
