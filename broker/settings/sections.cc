#include "settings/sections.h"

#include <filesystem>

#include "settings/describe.h"
#include "settings/quantity.h"

namespace broker {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLeastSegment = 64ULL << 10U;
constexpr uint64_t kMostSegment = 1ULL << 30U;
constexpr uint64_t kMostTotal = 16ULL << 40U;
constexpr double kMostPace = 1000.0;

/// Scenario and pace go with the simulated source only: elsewhere they would do nothing, unnoticed.
void CheckSource(TableReader& reader, bool has_scenario, bool has_pace,
                 const SourceSettings& source) {
  if (source.type == "simulated") {
    const bool missing = !has_scenario && source.scenario.empty();
    if (missing) reader.Fail("scenario", "is missing; a simulated source needs the file it plays");
    return;
  }
  const std::string message =
      "goes with the simulated source only; remove it, or set type = \"simulated\"";
  if (has_scenario) reader.Fail("scenario", message);
  if (has_pace) reader.Fail("pace", message);
}

bool ReadScenario(TableReader& reader, const std::string& file, std::string& out) {
  std::string value = "day.toml";
  if (!reader.String("scenario", value)) return false;
  if (const std::string problem = ProblemOfPath(value); !problem.empty()) {
    reader.Fail("scenario", problem);
    return false;
  }
  out = ResolvePath(value, file);
  return true;
}

void CheckSizes(TableReader& reader, bool has_total, const LogSettings& log) {
  if (log.total_bytes / 2 >= log.segment_bytes) return;
  const std::string sizes = "total_size " + Quoted(FormatBytes(log.total_bytes)) +
                            ", segment_size " + Quoted(FormatBytes(log.segment_bytes));
  reader.Fail(has_total ? "total_size" : "segment_size",
              "total_size must hold two segments at least; found " + sizes);
}

}  // namespace

std::string ProblemOfPath(const std::string& path) {
  if (path.empty()) return "must not be empty";
  if (path.find('\0') != std::string::npos) return "must not contain NUL characters";
  return "";
}

std::string ResolvePath(const std::string& path, const std::string& file) {
  if (fs::path(path).is_absolute()) return path;
  std::error_code error;
  const fs::path folder = fs::absolute(fs::path(file).parent_path() / ".", error);
  return (folder / path).lexically_normal().string();
}

void ReadAbsolutePath(TableReader& reader, std::string_view key, std::string& out) {
  std::string value = out;
  if (!reader.String(key, value)) return;
  std::string problem = ProblemOfPath(value);
  if (problem.empty() && !fs::path(value).is_absolute()) {
    problem = "must be an absolute path, e.g. " + Quoted(out) + "; found " + Quoted(value);
  }
  if (problem.empty()) {
    out = value;
  } else {
    reader.Fail(key, problem);
  }
}

void ReadSource(TableReader& root, const SectionContext& context, SourceSettings& out) {
  const toml::table* table = root.Table("source");
  if (table == nullptr) return;
  const size_t errors = context.errors.size();
  TableReader reader(*table, "source", context.file, context.errors);
  out.position = {context.file, table->source().begin.line, table->source().begin.column};
  reader.Choice("type", {"logind", "simulated"}, out.type);
  const bool has_scenario = ReadScenario(reader, context.file, out.scenario);
  const bool has_pace = reader.Number("pace", 0.0, kMostPace, out.pace);
  if (context.errors.size() == errors) CheckSource(reader, has_scenario, has_pace, out);
  reader.Finish(HintForTopLevelKey);
}

void ReadLog(TableReader& root, const SectionContext& context, LogSettings& out) {
  const toml::table* table = root.Table("log");
  if (table == nullptr) return;
  TableReader reader(*table, "log", context.file, context.errors);
  ReadAbsolutePath(reader, "directory", out.directory);
  const size_t errors = context.errors.size();
  reader.Bytes("segment_size", kLeastSegment, kMostSegment, out.segment_bytes);
  const bool has_total = reader.Bytes("total_size", 2 * kLeastSegment, kMostTotal, out.total_bytes);
  if (context.errors.size() == errors) CheckSizes(reader, has_total, out);
  reader.Finish(HintForTopLevelKey);
}

void ReadControl(TableReader& root, const SectionContext& context, ControlSettings& out) {
  const toml::table* table = root.Table("control");
  if (table == nullptr) return;
  TableReader reader(*table, "control", context.file, context.errors);
  ReadAbsolutePath(reader, "socket", out.socket);
  reader.Finish(HintForTopLevelKey);
}

}  // namespace broker
