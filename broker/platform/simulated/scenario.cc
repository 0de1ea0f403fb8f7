#include "platform/simulated/scenario.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "platform/simulated/scenario_player.h"
#include "platform/simulated/scenario_step.h"
#include "settings/table_reader.h"
#include "settings/toml_text.h"

namespace broker {
namespace {

constexpr int64_t kBootDurationUs = 8000000;

/// Plays a scenario on a desktop of its own and reports what is impossible.
///
/// A session whose logon is wrong is in doubt: what is done to it is passed over, so that one
/// mistake is not reported as many.
class Rehearsal {
 public:
  Rehearsal(const Scenario& scenario, std::vector<SettingsError>& errors)
      : file_(scenario.file), errors_(errors), desktop_(StartOf(scenario)) {}

  void Play(const std::vector<WrittenStep>& steps) {
    for (const WrittenStep& written : steps) {
      if (over_) return;
      if (!written.sound) {
        Doubt(written.step.session);
      } else if (!doubted_.contains(written.step.session)) {
        PlaySound(written);
      }
    }
  }

 private:
  void PlaySound(const WrittenStep& written) {
    const Status played = player_.Play(written.step);
    if (played.ok()) return;
    // Once the machine is down or asleep by mistake, everything behind is impossible.
    over_ = played.code() == StatusCode::kUnavailable;
    if (over_ && in_doubt_) return;
    const bool named = written.table->contains("session");
    TableReader(*written.table, "step", file_, errors_)
        .Fail(named ? "session" : "do", "this step is impossible: " + played.message());
    Doubt(written.step.session);
  }

  void Doubt(const std::string& session) {
    in_doubt_ = true;
    if (!session.empty()) doubted_.insert(session);
  }

  const std::string& file_;
  std::vector<SettingsError>& errors_;
  SimulatedDesktop desktop_;
  ScenarioPlayer player_{desktop_};
  std::set<std::string> doubted_;
  bool in_doubt_ = false;
  bool over_ = false;
};

void ReadStart(TableReader& reader, Scenario& scenario) {
  std::string text = "2026-01-05T07:55:00Z";
  if (!reader.RequiredString("start", text)) return;
  if (const auto start_us = ParseScenarioTime(text)) {
    scenario.start_us = *start_us;
  } else {
    reader.Fail("start", "expected a UTC time, e.g. start = \"2026-01-05T07:55:00Z\"");
  }
}

void ReadBootId(TableReader& reader, Scenario& scenario) {
  constexpr size_t kDigits = 32;
  std::string& boot_id = scenario.boot_id;
  if (!reader.String("boot_id", boot_id)) return;
  const bool hex = boot_id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex || boot_id.size() != kDigits) {
    reader.Fail("boot_id", "expected 32 hexadecimal digits, e.g. \"" + std::string(kDigits, '0') +
                               "\"; without it every play is a boot of its own");
  }
}

void ReadScenario(const toml::table& document, LoadedScenario& loaded) {
  Scenario& scenario = loaded.scenario;
  TableReader root(document, "", scenario.file, loaded.errors);
  ReadStart(root, scenario);
  ReadBootId(root, scenario);
  std::string then = "stop";
  root.Choice("then", {"stop", "wait"}, then);
  scenario.stops = then == "stop";

  std::vector<WrittenStep> steps;
  int64_t time_us = scenario.start_us;
  for (const toml::table* table : root.Tables("step")) {
    steps.push_back(ReadStep(*table, time_us, scenario.file, loaded.errors));
    time_us = steps.back().step.at_us;
  }
  root.Finish();
  Rehearsal(scenario, loaded.errors).Play(steps);
  for (WrittenStep& written : steps) scenario.steps.push_back(std::move(written.step));
}

void SortByPosition(std::vector<SettingsError>& errors) {
  const auto place = [](const SettingsError& error) {
    return std::tie(error.position.line, error.position.column);
  };
  std::stable_sort(errors.begin(), errors.end(),
                   [place](const auto& a, const auto& b) { return place(a) < place(b); });
}

LoadedScenario FromDocument(const toml::table* document, const std::string& file,
                            LoadedScenario loaded) {
  loaded.scenario.file = file;
  if (document != nullptr) ReadScenario(*document, loaded);
  SortByPosition(loaded.errors);
  return loaded;
}

}  // namespace

bool IsAboutAgents(ScenarioVerb verb) {
  return verb >= ScenarioVerb::kAgentFails && verb <= ScenarioVerb::kAgentIgnoresStop;
}

bool IsSaidOnly(ScenarioVerb verb) {
  return IsAboutAgents(verb) || verb == ScenarioVerb::kRunEnds;
}

LoadedScenario ParseScenario(std::string_view text, const std::string& file) {
  LoadedScenario loaded;
  const auto document = ParseToml(text, file, loaded.errors);
  return FromDocument(document.get(), file, std::move(loaded));
}

LoadedScenario LoadScenario(const std::string& path) {
  LoadedScenario loaded;
  const auto document = LoadToml(path, loaded.errors);
  return FromDocument(document.get(), path, std::move(loaded));
}

Timestamp StartOf(const Scenario& scenario) {
  return {scenario.start_us, kBootDurationUs};
}

}  // namespace broker
