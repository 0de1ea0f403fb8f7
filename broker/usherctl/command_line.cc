#include "usherctl/command_line.h"
#include "usherctl/agents.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>

#include <CLI/CLI.hpp>

#include "event/clock.h"
#include "eventlog/format.h"
#include "usherctl/check_config.h"
#include "usherctl/emit.h"
#include "usherctl/explain.h"
#include "usherctl/locations.h"
#include "usherctl/plugins.h"
#include "usherctl/plugins_trace.h"
#include "usherctl/reload.h"
#include "usherctl/sessions.h"
#include "usherctl/status.h"
#include "usherctl/tail.h"
#include "usherctl/time_text.h"
#include "usherctl/verify.h"
#include "usherctl/version.h"

namespace broker {
namespace {

constexpr const char* kAbout = "usherctl: shows what the session event broker usherd does";

constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 failed, 2 usage, 3 invalid configuration, 4 broker not reachable,\n"
    "5 not permitted. status: 1 is trouble; reload: 1 is a configuration that was not applied.";

using Last = std::optional<uint64_t>;

// "all" or a count; the outer nullopt is neither.
std::optional<Last> ParseLast(std::string_view text) {
  if (text == "all") return Last();
  uint64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return Last(count);
}

std::string CheckLast(const std::string& text) {
  return ParseLast(text) ? "" : "neither a number nor 'all': " + text;
}

std::string CheckSeq(const std::string& text) {
  Seq seq = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, seq);
  if (error == std::errc() && stopped == end && seq <= kMaxSeq) return "";
  return "not the number of an event: '" + text + "'; write one from 0 to " +
         std::to_string(kMaxSeq);
}

int64_t Now() {
  return SystemClock().Now().realtime_us;
}

std::string CheckTime(const std::string& text) {
  if (ParseTimeText(text, Now())) return "";
  return "no time: '" + text + "'; write one as in '2026-11-20 18:48:33', 2026-11-20, 18:48, " +
         "today, yesterday, -1h, '10 min ago' or @1795200513";
}

std::string CheckInstance(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  const bool valid = !text.empty() && std::all_of(text.begin(), text.end(), allowed);
  return valid ? "" : "no name of an instance: '" + text + "'";
}

// What no type's name can be like would match nothing, without a word.
std::string CheckTypeGlob(const std::string& text) {
  const bool valid = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("._-*?").find(c) != std::string_view::npos;
  });
  return valid ? ""
               : "'" + text +
                     "' is like no type: names have letters, digits, '.', '_' and '-', "
                     "* stands for any of them, ? for one";
}

std::string CheckNotEmpty(const std::string& text) {
  return text.empty() ? "must not be empty" : "";
}

// The command line as a parser, and what it parsed.
class CommandLine {
 public:
  explicit CommandLine(const CommandEnvironment& environment)
      : environment_(environment), streams_(environment.streams) {
    app_.name("usherctl");
    app_.set_version_flag("--version", "usherctl " USHER_VERSION);
    app_.footer(kExitCodes);
    app_.require_subcommand(0, 1);
    app_.add_option("-c,--config", locations_.config, "The broker's configuration")
        ->type_name("FILE")
        ->default_str(kDefaultConfig)
        ->check(CheckNotEmpty);
    app_.add_option("--socket", locations_.socket, "Where the broker listens, if not as configured")
        ->type_name("PATH")
        ->check(CheckNotEmpty);
    AddQuestions();
    AddEmit();
    AddTail();
    AddVerify();
    AddAgents();
    AddCheckConfig();
    AddExplain();
    Add("version", "Which version this is", [this] { return RunVersion(json_, streams_); });
  }

  int Run(std::vector<std::string> arguments) {
    // CLI11 takes them last first.
    std::reverse(arguments.begin(), arguments.end());
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return app_.exit(error, streams_.out, streams_.err) == 0 ? FinishOutput(streams_)
                                                               : kExitUsage;
    }
    if (steer_) return steer_();
    if (run_) return run_();
    Complain(streams_, "a command is required; see usherctl --help");
    return kExitUsage;
  }

 private:
  CLI::App& Add(const std::string& name, const std::string& about, std::function<int()> run) {
    CLI::App* command = app_.add_subcommand(name, about);
    command->fallthrough();
    command->add_flag("--json", json_, "For programs");
    command->callback([this, run = std::move(run)] { run_ = run; });
    return *command;
  }

  void AddQuestions() {
    const auto ask = [this](int (*run)(const AskOptions&, Streams&)) {
      return [this, run] {
        const auto socket = FindSocket(locations_, streams_);
        return socket ? run({*socket, json_}, streams_) : kExitInvalidConfiguration;
      };
    };
    Add("status", "How the broker is doing; ends with 1 if it is in trouble", ask(RunStatus));
    Add("reload", "Apply what has changed in the configuration", [this] { return Reload(); });
    Add("sessions", "Who is logged on, where, and since when", ask(RunSessions));
    CLI::App& plugins =
        Add("plugins", "Which plugins there are, and how they are doing", ask(RunPlugins));
    plugins.require_subcommand(0, 1);
    AddSteering(plugins, "enable", "Start an instance that was disabled", RunPluginsEnable);
    AddSteering(plugins, "disable",
                "Stop an instance, and its agents, until it is enabled, restarts included",
                RunPluginsDisable);
    AddSteering(plugins, "reload", "Load an instance's library anew; it loses and repeats nothing",
                RunPluginsReload);
    AddSteering(plugins, "release", "Let a quarantined or abandoned instance start anew",
                RunPluginsRelease);
    AddSteering(plugins, "trace", "Show the calls into an instance as they end, until Ctrl-C",
                [this](const AskOptions& options, const std::string& instance, Streams& streams) {
                  environment_.catch_interrupt();
                  return RunPluginsTrace(options, instance, streams, environment_.interrupted);
                });
  }

  // What is wrong with the configuration is the broker's to say.
  int Reload() {
    const int ended = RunReload({GuessSocket(locations_), json_}, streams_);
    const bool unread = ended == kExitNotReachable && !FindSocket(locations_, streams_);
    return unread ? kExitInvalidConfiguration : ended;
  }

  using SteeringCommand = std::function<int(const AskOptions&, const std::string&, Streams&)>;

  // What is done to one instance: `plugins NAME_OF_COMMAND INSTANCE`.
  void AddSteering(CLI::App& plugins, const std::string& name, const std::string& about,
                   const SteeringCommand& run) {
    CLI::App* command = plugins.add_subcommand(name, about);
    command->fallthrough();
    command->add_option("name", instance_, "The instance, as in the configuration")
        ->type_name("NAME")
        ->required()
        ->check(CheckInstance);
    // Called before the parent's, which sets what is to be run otherwise.
    command->parse_complete_callback([this, run] {
      steer_ = [this, run] {
        const auto socket = FindSocket(locations_, streams_);
        return socket ? run({*socket, json_}, instance_, streams_) : kExitInvalidConfiguration;
      };
    });
  }

  void AddAgents() {
    CLI::App& agents = Add("agents", "Which agents there are, and how they are doing", [this] {
      const auto socket = FindSocket(locations_, streams_);
      return socket ? RunAgents({*socket, json_}, streams_) : kExitInvalidConfiguration;
    });
    agents.require_subcommand(0, 1);
    AddAgentVerb(agents, "start", "Have an agent started that was stopped, or has given up");
    AddAgentVerb(agents, "stop", "End an agent until it is started, restarts included");
    AddAgentVerb(agents, "restart", "End an agent and start it anew");
    AddAgentVerb(agents, "reset", "Forget an agent's failures: it is tried at once");
  }

  // What is done to an agent: `agents VERB NAME [--session ID] [--instance NAME]`.
  void AddAgentVerb(CLI::App& agents, const std::string& verb, const std::string& about) {
    CLI::App* command = agents.add_subcommand(verb, about);
    command->fallthrough();
    command->add_option("name", agent_.agent, "The agent, as in the configuration")
        ->type_name("NAME")
        ->required();
    command->add_option("--session", agent_.session, "Only in the session with this id")
        ->type_name("ID")
        ->check(CheckNotEmpty);
    command->add_option("--instance", agent_.instance, "Only those of this plugin's instance")
        ->type_name("NAME")
        ->check(CheckInstance);
    // Called before the parent's, which sets what is to be run otherwise.
    command->parse_complete_callback([this, verb] {
      steer_ = [this, verb] {
        const auto socket = FindSocket(locations_, streams_);
        return socket ? RunAgentsVerb({*socket, json_}, verb, agent_, streams_)
                      : kExitInvalidConfiguration;
      };
    });
  }

  void AddEmit() {
    CLI::App& emit = Add("emit", "Tell plugins of an event that did not happen", [this] {
      const auto socket = FindSocket(locations_, streams_);
      return socket ? RunEmit({*socket, json_}, emission_, streams_) : kExitInvalidConfiguration;
    });
    emit.add_option("type", emission_.type, "The event, as session.locked")
        ->type_name("TYPE")
        ->required()
        ->check(CheckNotEmpty);
    emit.add_option("--session", emission_.session, "The session that it is about")
        ->type_name("ID")
        ->check(CheckNotEmpty);
    emit.add_option("--reason", emission_.reason, "Why, for people")->type_name("TEXT");
    emit.add_option("--detail", emission_.details, "A further fact; several")
        ->type_name("KEY VALUE")
        ->allow_extra_args(false);
  }

  void AddTail() {
    CLI::App& tail =
        Add("tail", "Show the log's events; works with the broker down", [this] { return Tail(); });
    CLI::Option* const follow =
        tail.add_flag("-f,--follow", tail_.follow, "Go on with new events until Ctrl-C");
    lines_ = tail.add_option("-n,--lines", last_,
                             "How many of the last events: a number, or 'all', which it is by "
                             "itself with --since and --until")
                 ->type_name("N")
                 ->capture_default_str()
                 ->check(CheckLast);
    tail.add_option("--since", since_, "Only from this time on, as for journalctl")
        ->type_name("TIME")
        ->check(CheckTime);
    tail.add_option("--until", until_, "Only up to this time")
        ->type_name("TIME")
        ->check(CheckTime)
        ->excludes(follow);
    tail.add_option("--cursor", tail_.after, "Begin with the first event behind this number")
        ->type_name("SEQ")
        ->check(CheckSeq)
        ->excludes(lines_);
    tail.add_flag("--show-cursor", tail_.show_cursor,
                  "In the end, print the number to go on behind with --cursor");
    tail.add_option("--follow-plugin", tail_.follow_plugin,
                    "Only events that this plugin instance has acknowledged")
        ->type_name("NAME")
        ->check(CheckInstance);
    tail.add_option("--type", tail_.filter.types,
                    "Only types like this (* and ? as in a shell); several: any of them")
        ->type_name("GLOB")
        ->allow_extra_args(false)
        ->check(CheckTypeGlob);
    tail.add_option("--session", tail_.filter.sessions, "Only this session; several: any of them")
        ->type_name("ID")
        ->allow_extra_args(false)
        ->check(CheckNotEmpty);
    tail.add_option("--user", tail_.filter.users,
                    "Only this user, by name or uid; several: any of them")
        ->type_name("USER")
        ->allow_extra_args(false)
        ->check(CheckNotEmpty);
    AddDirectory(tail);
  }

  void AddVerify() {
    AddDirectory(Add("verify", "Check the log for damage and gaps", [this] { return Verify(); }));
  }

  void AddDirectory(CLI::App& command) {
    command.add_option("--dir", locations_.log_directory, "Where the log is, if not as configured")
        ->type_name("DIR")
        ->check(CheckNotEmpty);
  }

  void AddCheckConfig() {
    CLI::App& check =
        Add("check-config",
            "Check a configuration, and what its plugins say to it: all errors at once", [this] {
              return RunCheckConfig({checked_, json_, only_file_}, streams_);
            });
    check.add_flag("--only-file", only_file_, "Do not load the plugins, nor ask them");
    check.add_option("file", checked_, "The configuration")
        ->type_name("FILE")
        ->required()
        ->check(CheckNotEmpty);
  }

  void AddExplain() {
    CLI::App& explain = Add("explain",
                            "What a code means that an agent failed with, and what to do; works "
                            "with the broker down",
                            [this] {
                              explain_.json = json_;
                              return RunExplain(explain_, streams_);
                            });
    CLI::Option* const markdown =
        explain.add_flag("--markdown", explain_.markdown, "As a table for documents");
    explain.get_option("--json")->excludes(markdown);
    explain
        .add_option("code", explain_.code,
                    "As 1008, 0xC0000142, ERROR_NO_TOKEN, 203/EXEC; all that are known without it")
        ->type_name("CODE")
        ->check(CheckNotEmpty);
  }

  int Tail() {
    const auto directory = FindLogDirectory(locations_, streams_);
    if (!directory || !FindCursors()) return kExitInvalidConfiguration;
    tail_.directory = *directory;
    if (!ReadTimes()) return kExitUsage;
    const bool all = (tail_.since_us || tail_.until_us) && lines_->count() == 0;
    tail_.last = all ? Last() : *ParseLast(last_);
    tail_.json = json_;
    if (tail_.follow) environment_.catch_interrupt();
    return RunTail(tail_, environment_.files, streams_, environment_.interrupted);
  }

  bool FindCursors() {
    if (tail_.follow_plugin.empty()) return true;
    const auto cursors = FindCursorsDirectory(locations_, streams_);
    tail_.cursors_directory = cursors.value_or("");
    return cursors.has_value();
  }

  bool ReadTimes() {
    const int64_t now = Now();
    if (!since_.empty()) tail_.since_us = ParseTimeText(since_, now);
    if (!until_.empty()) tail_.until_us = ParseTimeText(until_, now);
    if (!tail_.since_us || !tail_.until_us || *tail_.since_us <= *tail_.until_us) return true;
    Complain(streams_, "--since is later than --until");
    return false;
  }

  int Verify() {
    const auto directory = FindLogDirectory(locations_, streams_);
    if (!directory) return kExitInvalidConfiguration;
    return RunVerify({*directory, json_}, environment_.files, streams_);
  }

  const CommandEnvironment& environment_;
  Streams& streams_;
  CLI::App app_{kAbout};
  LocationOptions locations_;
  TailOptions tail_;
  Emission emission_;
  ExplainOptions explain_;
  std::string last_ = "10";
  CLI::Option* lines_ = nullptr;  // Belongs to app_.
  std::string since_;
  std::string until_;
  std::string checked_;
  bool only_file_ = false;
  bool json_ = false;
  std::string instance_;
  AgentOptions agent_;
  std::function<int()> run_;
  std::function<int()> steer_;  // What a command does to one instance, in place of run_.
};

}  // namespace

int RunCommandLine(std::vector<std::string> arguments, const CommandEnvironment& environment) {
  return CommandLine(environment).Run(std::move(arguments));
}

}  // namespace broker
