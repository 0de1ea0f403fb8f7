#include <array>
#include <string>
#include <utility>

#include "settings/describe.h"
#include "settings/sections.h"

namespace broker {
namespace {

constexpr double kMostPace = 1000.0;
constexpr double kMostSpeed = 10'000.0;
// A day of the recording then takes almost three years; less would look as if it stood still.
constexpr double kLeastSpeed = 0.001;

/// A key that one type of source has and the others do not.
struct TypesKey {
  std::string_view key;
  std::string_view type;
};

constexpr std::array<TypesKey, 4> kTypesKeys{{{"scenario", "simulated"},
                                              {"pace", "simulated"},
                                              {"recording", "replay"},
                                              {"speed", "replay"}}};

/// Elsewhere they would do nothing, unnoticed.
void RefuseKeysOfOtherTypes(TableReader& reader, const toml::table& table,
                            const std::string& type) {
  for (const TypesKey& entry : kTypesKeys) {
    if (entry.type == type || !table.contains(entry.key)) continue;
    const std::string owner(entry.type);
    reader.Fail(entry.key, "goes with the " + owner +
                               " source only; remove it, or set type = " + Quoted(owner));
  }
}

/// Takes `key` as a path that, if relative, starts at the configuration's folder.
void ReadPath(TableReader& reader, std::string_view key, std::string example,
              const std::string& file, std::string& out) {
  std::string value = std::move(example);
  if (!reader.String(key, value)) return;
  if (const std::string problem = ProblemOfPath(value); !problem.empty()) {
    reader.Fail(key, problem);
  } else {
    out = ResolvePath(value, file);
  }
}

/// 0 is at once, so that the slowest is not the least.
void ReadSpeed(TableReader& reader, double& out) {
  double speed = out;
  if (!reader.Number("speed", 0.0, kMostSpeed, speed)) return;
  if (speed != 0.0 && speed < kLeastSpeed) {
    reader.Fail("speed",
                "must be 0, or from 0.001 to 10000; found the number " + NumberText(speed));
  } else {
    out = speed;
  }
}

void RequireWhatIsPlayed(TableReader& reader, const SourceSettings& source) {
  if (source.type == "simulated" && source.scenario.empty())
    reader.Fail("scenario", "is missing; a simulated source needs the file it plays");
  if (source.type == "replay" && source.recording.empty())
    reader.Fail("recording", "is missing; a replay source needs the folder of the log it plays");
}

}  // namespace

void ReadSource(TableReader& root, const SectionContext& context, SourceSettings& out) {
  const toml::table* table = root.Table("source");
  if (table == nullptr) return;
  const size_t errors = context.errors.size();
  TableReader reader(*table, "source", context.file, context.errors);
  out.position = {context.file, table->source().begin.line, table->source().begin.column};
  reader.Choice("type", {"logind", "simulated", "replay"}, out.type);
  ReadPath(reader, "scenario", "day.toml", context.file, out.scenario);
  reader.Number("pace", 0.0, kMostPace, out.pace);
  ReadPath(reader, "recording", "/var/log/usher", context.file, out.recording);
  ReadSpeed(reader, out.speed);
  if (context.errors.size() == errors) {
    RefuseKeysOfOtherTypes(reader, *table, out.type);
    RequireWhatIsPlayed(reader, out);
  }
  reader.Finish(HintForTopLevelKey);
}

}  // namespace broker
