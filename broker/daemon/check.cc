#include "daemon/check.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "daemon/lock_names.h"
#include "daemon/state_version.h"
#include "event/text.h"
#include "eventlog/file_system.h"
#include "eventlog/format.h"
#include "eventlog/log_version.h"
#include "eventlog/segments.h"
#include "isolation/child_probe.h"
#include "plugin_host/plugin_places.h"
#include "plugin_host/plugin_trial.h"
#include "settings/load.h"
#include "settings/source_files.h"
#include "source/factory.h"

namespace broker {
namespace {

std::string WhatIsPlayed(const SourceSettings& source) {
  if (source.type == "simulated") return ", " + source.scenario;
  if (source.type == "replay") return ", " + source.recording;
  return "";
}

namespace fs = std::filesystem;

/// What is wrong with the folders that the broker would write to.
std::vector<Status> CheckFolders(const Settings& settings) {
  const std::string socket = fs::path(settings.control.socket).parent_path().string();
  std::vector<Status> problems;
  for (const std::string& folder :
       {settings.state_directory, settings.runtime_directory, settings.log.directory, socket}) {
    Status usable = CheckUsable(folder);
    const auto same = [&usable](const Status& problem) {
      return problem.message() == usable.message();
    };
    if (!usable.ok() && std::none_of(problems.begin(), problems.end(), same)) {
      problems.push_back(std::move(usable));
    }
  }
  return problems;
}

/// Of what has this name itself, not of where a link leads; not_found also where nobody can tell.
fs::file_type TypeOf(const std::string& path) {
  std::error_code ignored;
  const fs::file_type type = fs::symlink_status(path, ignored).type();
  return type == fs::file_type::none ? fs::file_type::not_found : type;
}

/// As the start says it: nothing but a socket is replaced.
Status CheckSocket(const std::string& path) {
  const fs::file_type type = TypeOf(path);
  if (type == fs::file_type::not_found || type == fs::file_type::socket) return {};
  return {StatusCode::kExists,
          path + " is in the way: it is no socket, so it is not replaced; name another path"};
}

Status MustGo(const std::string& path) {
  return {StatusCode::kInvalid, "'" + path + "' is not a regular file; move it away"};
}

/// What is in the way of a file that the broker locks.
Status CheckLock(const std::string& path) {
  const fs::file_type type = TypeOf(path);
  return type == fs::file_type::not_found || type == fs::file_type::regular ? Status()
                                                                            : MustGo(path);
}

/// What else is in the way there is replaced.
Status CheckReservation(const std::string& log) {
  const std::string path = PathIn(log, kReservationName);
  return TypeOf(path) == fs::file_type::directory ? MustGo(path) : Status();
}

std::vector<Status> CheckOwnFiles(const Settings& settings) {
  const auto files = MakeFileSystem();
  const std::string& log = settings.log.directory;
  std::vector<Status> problems = CheckFolders(settings);
  for (Status status : {ReadStateVersion(*files, settings.state_directory),
                        CheckLogVersion(*files, log), CheckSocket(settings.control.socket),
                        CheckLock(PathIn(settings.state_directory, kStateLockName)),
                        CheckLock(PathIn(log, kLogLockName)), CheckReservation(log)}) {
    if (!status.ok()) problems.push_back(std::move(status));
  }
  return problems;
}

/// What is wrong inside what the source is to play; that it is missing is the configuration's
/// error.
Status CheckSource(const Settings& settings, Diagnostics& diagnostics) {
  if (!CheckSourceFiles(settings).empty()) return {};
  return CreateSource(settings, diagnostics).status();
}

/// A scenario's errors are a line each.
void Complain(const Status& problem, std::ostream& err) {
  std::istringstream lines(problem.message());
  err << "usherd: ";
  for (std::string line; std::getline(lines, line);) err << EscapeForTerminal(line) << '\n';
}

void Describe(const Settings& settings, std::ostream& out) {
  const auto line = [&out](const char* what, const std::string& value) {
    out << what << EscapeForTerminal(value) << '\n';
  };
  line("configuration  ", settings.file);
  line("source         ", settings.source.type + WhatIsPlayed(settings.source));
  line("state          ", settings.state_directory);
  line("event log      ", settings.log.directory);
  line("socket         ", settings.control.socket);
  const PluginPlaces places{settings.file, settings.plugin_directory, {}, {}};
  for (const PluginSettings& plugin : settings.plugins) {
    const std::string file = LibraryFile(places, plugin.library);
    line("plugin         ", plugin.name + ", " + (plugin.enabled ? file : "disabled"));
  }
}

}  // namespace

DaemonExit RunCheck(const Settings& settings, Diagnostics& diagnostics, std::ostream& out,
                    std::ostream& err) {
  std::vector<Status> problems = CheckOwnFiles(settings);
  Status source = CheckSource(settings, diagnostics);
  bool invalid = !source.ok() && IsForSettings(source);
  if (!source.ok()) problems.push_back(std::move(source));
  const auto errors = TryConfiguration(settings, ChildProbe(PluginHostProgram()));
  if (!errors.ok()) problems.push_back(errors.status());
  for (const Status& problem : problems) Complain(problem, err);
  if (errors.ok()) {
    for (const SettingsError& error : errors.value()) {
      err << EscapeForTerminal(ToString(error)) << '\n';
    }
    invalid = invalid || !errors->empty();
  }
  if (invalid) return DaemonExit::kInvalidConfiguration;
  if (!problems.empty()) return DaemonExit::kFailed;
  Describe(settings, out);
  return DaemonExit::kDone;
}

}  // namespace broker
