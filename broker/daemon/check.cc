#include "daemon/check.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "daemon/state_version.h"
#include "event/text.h"
#include "eventlog/file_system.h"
#include "eventlog/log_version.h"
#include "isolation/child_probe.h"
#include "plugin_host/plugin_places.h"
#include "plugin_host/plugin_trial.h"
#include "settings/load.h"

namespace broker {
namespace {

std::string WhatIsPlayed(const SourceSettings& source) {
  if (source.type == "simulated") return ", " + source.scenario;
  if (source.type == "replay") return ", " + source.recording;
  return "";
}

/// What is wrong with the folders that the broker would write to.
std::vector<Status> CheckFolders(const Settings& settings) {
  const std::string socket = std::filesystem::path(settings.control.socket).parent_path().string();
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

/// As the start says it: nothing but a socket is replaced.
Status CheckSocket(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::file_type type = fs::symlink_status(path, ignored).type();
  if (type == fs::file_type::none || type == fs::file_type::not_found ||
      type == fs::file_type::socket) {
    return {};
  }
  return {StatusCode::kExists,
          path + " is in the way: it is no socket, so it is not replaced; name another path"};
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

CheckOutcome RunCheck(const Settings& settings, std::ostream& out, std::ostream& err) {
  const auto complain = [&err](const Status& status) {
    err << "usherd: " << EscapeForTerminal(status.message()) << '\n';
  };
  std::vector<Status> folders = CheckFolders(settings);
  const auto files = MakeFileSystem();
  for (Status status :
       {ReadStateVersion(*files, settings.state_directory),
        CheckLogVersion(*files, settings.log.directory), CheckSocket(settings.control.socket)}) {
    if (!status.ok()) folders.push_back(std::move(status));
  }
  for (const Status& problem : folders) complain(problem);
  const auto errors = TryConfiguration(settings, ChildProbe(PluginHostProgram()));
  if (!errors.ok()) {
    complain(errors.status());
    return CheckOutcome::kUnusable;
  }
  for (const SettingsError& error : errors.value()) {
    err << EscapeForTerminal(ToString(error)) << '\n';
  }
  if (!errors->empty()) return CheckOutcome::kInvalidConfiguration;
  if (!folders.empty()) return CheckOutcome::kUnusable;
  Describe(settings, out);
  return CheckOutcome::kFine;
}

}  // namespace broker
