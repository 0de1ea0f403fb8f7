#include "sdk/check/command_line.h"

#include <algorithm>
#include <chrono>
#include <random>

#include <CLI/CLI.hpp>

#include "event/text.h"
#include "sdk/check/child.h"
#include "sdk/check/plugin_file.h"
#include "sdk/check/report.h"
#include "sdk/check/runner.h"
#include "settings/toml.h"

namespace broker::check {
namespace {

constexpr const char* kAbout =
    "usher-check: says whether a plugin keeps to the interface of the session event broker, and "
    "what to change where it does not. No broker is needed, and no logon; it need not run as root.";

constexpr const char* kExitCodes =
    "Exit codes: 0 nothing failed, 1 a check failed, 2 usage, 3 invalid configuration,\n"
    "5 refused: root does not load what others can change.";

constexpr uint64_t kMostSeed = 1'000'000'000;

std::string CheckName(const std::string& name) {
  if (FindCheck(name) != nullptr) return "";
  return "there is no check '" + name + "'; --list names all of them";
}

class CommandLine {
 public:
  explicit CommandLine(const CommandEnvironment& environment) : environment_(environment) {
    app_.name("usher-check");
    app_.set_version_flag("--version", "usher-check " USHER_VERSION);
    app_.footer(kExitCodes);
    plugin_ = app_.add_option("plugin", options_.plugin, "The plugin's library")->type_name("FILE");
    app_.add_option("--config", config_, "A configuration with the plugin's own table")
        ->type_name("FILE");
    app_.add_option("--check", names_, "Only this check and those that it needs; several: each")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->check(CheckName);
    app_.add_flag("--list", list_, "Name all checks");
    app_.add_flag("--json", json_, "For programs: one object, in one line");
    app_.add_option("--time-limit", time_limit_, "Seconds that one call may take")
        ->capture_default_str()
        ->check(CLI::Range(1, 3600));
    app_.add_option("--events", options_.events, "How many events the check 'million' sends")
        ->capture_default_str();
    fuzz_runs_ = app_.add_option("--fuzz-runs", options_.fuzz_runs, "How many streams to invent")
                     ->capture_default_str()
                     ->check(CLI::Range(1, 1'000'000));
    seed_ = app_.add_option("--seed", options_.seed, "The first stream; chosen if not given");
    app_.add_option("--reproduce", reproduced_, "Only the fuzzer, with the stream of this seed")
        ->type_name("SEED")
        ->excludes(seed_)
        ->excludes(fuzz_runs_);
    app_.add_flag("--here", here_, "Run the one --check in this process, for a debugger");
    app_.add_option("--child", child_)->group("");
    app_.add_option("--folder", folder_)->group("");
  }

  int Run(std::vector<std::string> arguments) {
    // CLI11 takes them last first.
    std::reverse(arguments.begin(), arguments.end());
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return app_.exit(error, environment_.out, environment_.err) == 0 ? kExitPassed : kExitUsage;
    }
    if (list_) return List();
    if (plugin_->count() == 0) return Complain(kExitUsage, "name a plugin; see usher-check --help");
    if (!ReadOptions()) return kExitInvalidConfiguration;
    if (!child_.empty()) RunAsChild(*FindCheck(child_), options_, folder_, *OpenParentChannel());
    return Check();
  }

 private:
  int Complain(ExitCode code, const std::string& text) {
    environment_.err << "usher-check: " << EscapeForTerminal(text) << std::endl;
    return code;
  }

  int List() {
    for (const check::Check& check : AllChecks()) {
      environment_.out << check.name << std::string(12 - std::string_view(check.name).size(), ' ')
                       << check.about << '\n';
    }
    return kExitPassed;
  }

  bool ReadOptions() {
    options_.time_limit = std::chrono::seconds(time_limit_);
    if (reproduced_ != 0) {
      options_.seed = reproduced_;
      options_.fuzz_runs = 1;
      names_ = {"fuzz"};
    } else if (seed_->count() == 0) {
      options_.seed = 1 + std::random_device{}() % kMostSeed;
    }
    if (config_.empty()) {
      options_.settings.config = std::make_shared<const toml::table>();
      return true;
    }
    Result<PluginSettings> settings = ReadPluginSettings(config_, options_.plugin);
    if (settings.ok()) options_.settings = std::move(settings).value();
    if (!settings.ok()) Complain(kExitInvalidConfiguration, settings.status().message());
    return settings.ok();
  }

  /// Whether this check was asked for, or is needed by one that was.
  [[nodiscard]] bool IsWanted(const check::Check& check) const {
    if (names_.empty()) return true;
    return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
      const check::Check* wanted = FindCheck(name);
      while (wanted != nullptr && wanted != &check) {
        wanted = wanted->needs == nullptr ? nullptr : FindCheck(wanted->needs);
      }
      return wanted != nullptr;
    });
  }

  int Check() {
    const Result<RunFolder> folder = RunFolder::Make();
    if (!folder.ok()) return Complain(kExitFailed, folder.status().message());
    const CheckedFile file = CheckFile(options_.plugin, folder.value());
    if (file.refused) {
      return Complain(kExitNotPermitted, "root does not load what others can change: " +
                                             file.result.findings.front().text);
    }
    if (here_) return CheckHere(folder.value(), file);
    return CheckInChildren(folder.value(), file);
  }

  int CheckHere(const RunFolder& folder, const CheckedFile& file) {
    if (names_.size() != 1 || FindCheck(names_.front())->run == nullptr) {
      return Complain(kExitUsage, "--here runs one check: name it with --check");
    }
    Result<CallNote> note = CallNote::Map(folder.Path() + kNoteName);
    if (!note.ok()) return Complain(kExitFailed, note.status().message());
    CheckResult result{names_.front(), FindCheck(names_.front())->about, Verdict::kPass, {}, {}, 0};
    const auto keep = [&](const Finding& finding) { result.findings.push_back(finding); };
    Workbench bench(options_, file.copy, std::move(note).value(),
                    {keep, [&](const std::string& text) { result.notes.push_back(text); }});
    try {
      FindCheck(names_.front())->run(bench);
    } catch (const Finding& finding) {
      keep(finding);
    }
    for (const Finding& finding : result.findings) {
      result.verdict = std::max(result.verdict, finding.verdict);
    }
    TextReport(environment_.out, environment_.colour).Add(result);
    return result.verdict == Verdict::kFail ? kExitFailed : kExitPassed;
  }

  int CheckInChildren(const RunFolder& folder, const CheckedFile& file) {
    const ReportHead head{options_.plugin, options_.seed};
    Runner runner({environment_.program, ChildArguments(), folder.Path(), file.copy}, options_);
    TextReport report(environment_.out, environment_.colour);
    std::vector<CheckResult> results;
    const auto add = [&](CheckResult result) {
      if (!json_) report.Add(result);
      results.push_back(std::move(result));
    };
    if (!json_) report.Begin(head);
    runner.Note(file.result);
    add(file.result);
    for (const check::Check& check : AllChecks()) {
      if (check.run != nullptr && IsWanted(check)) add(runner.Run(check));
    }
    if (json_) environment_.out << JsonReport(head, results) << std::endl;
    if (!json_) report.End(head, results);
    return Overall(results) == Verdict::kFail ? kExitFailed : kExitPassed;
  }

  /// What a check's process must know as well.
  [[nodiscard]] std::vector<std::string> ChildArguments() const {
    std::vector<std::string> arguments{options_.plugin,
                                       "--time-limit",
                                       std::to_string(time_limit_),
                                       "--events",
                                       std::to_string(options_.events),
                                       "--fuzz-runs",
                                       std::to_string(options_.fuzz_runs),
                                       "--seed",
                                       std::to_string(options_.seed)};
    if (!config_.empty()) arguments.insert(arguments.end(), {"--config", config_});
    return arguments;
  }

  const CommandEnvironment& environment_;
  CLI::App app_{kAbout};
  CLI::Option* plugin_ = nullptr;  // These belong to app_.
  CLI::Option* seed_ = nullptr;
  CLI::Option* fuzz_runs_ = nullptr;
  CheckOptions options_;
  std::string config_;
  std::vector<std::string> names_;
  int64_t time_limit_ = 10;
  uint64_t reproduced_ = 0;
  bool list_ = false;
  bool json_ = false;
  bool here_ = false;
  std::string child_;
  std::string folder_;
};

}  // namespace

int RunCommandLine(const std::vector<std::string>& arguments,
                   const CommandEnvironment& environment) {
  return CommandLine(environment).Run(arguments);
}

}  // namespace broker::check
