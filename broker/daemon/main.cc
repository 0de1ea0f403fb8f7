#include <cerrno>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "daemon/check.h"
#include "daemon/exit_code.h"
#include "daemon/memory.h"
#include "daemon/serve.h"
#include "daemon/service.h"
#include "daemon/stderr_diagnostics.h"
#include "event/output.h"
#include "plugin_host/module_trust.h"
#include "settings/load.h"

namespace {

using broker::DaemonExit;

struct Options {
  std::string config = "/etc/usher/usher.toml";
  bool check = false;
  bool verbose = false;
};

/// The variables that the loader obeyed, if they and the configuration are not another user's.
broker::Result<std::vector<std::string>> CheckTrust(const Options& options) {
  const broker::Status configuration = broker::CheckTrustedFile(options.config);
  if (configuration.code() == broker::StatusCode::kPermission) {
    return configuration.Annotate("the configuration is not trusted");
  }
  auto variables = broker::CheckLoaderVariables();
  if (!variables.ok()) return variables.status().Annotate("the environment is not trusted");
  return variables;
}

void Warn(broker::Diagnostics& diagnostics, const std::vector<std::string>& variables) {
  for (const std::string& variable : variables) {
    diagnostics.Log(broker::Severity::kWarning, "usherd",
                    "the environment has " + variable +
                        ": code from there runs in the broker and is not checked as a plugin is");
  }
}

DaemonExit Run(const Options& options) {
  // First of all: every thread made later must leave the stop signals to the service.
  const auto service = options.check ? nullptr : broker::MakeService();
  broker::KeepLargeMemoryApart();
  const auto variables = CheckTrust(options);
  if (!variables.ok()) {
    std::cerr << "usherd: " << variables.status().message() << "\n";
    return DaemonExit::kFailed;
  }
  broker::LoadedSettings loaded = broker::LoadSettings(options.config);
  for (const broker::SettingsError& error : loaded.errors) {
    std::cerr << broker::ToString(error) << "\n";
  }
  if (!loaded.errors.empty()) return DaemonExit::kInvalidConfiguration;

  const auto diagnostics = broker::MakeStderrDiagnostics(options.verbose ? broker::Severity::kDebug
                                                                         : broker::Severity::kInfo);
  Warn(*diagnostics, variables.value());
  if (service) {
    return broker::Serve(std::move(loaded.settings), broker::MakeFileSystem(), *service,
                         *diagnostics);
  }
  return broker::RunCheck(loaded.settings, *diagnostics, std::cout, std::cerr);
}

/// How to end where all went well: also what was said must have been written. A reader that left (a
/// closed pipe) is no failure.
DaemonExit FinishOutput() {
  const int error = broker::FlushAll(std::cout);
  if (error == 0 || error == EPIPE) return DaemonExit::kDone;
  std::cerr << "usherd: " << broker::DescribeOutputError(error) << "\n";
  return DaemonExit::kFailed;
}

DaemonExit RunAndFinish(const Options& options) {
  try {
    const DaemonExit outcome = Run(options);
    return outcome == DaemonExit::kDone ? FinishOutput() : outcome;
  } catch (const std::exception& error) {
    std::cerr << "usherd: " << error.what() << "\n";
    return DaemonExit::kFailed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"usherd: turns session events into signals that plugins react to"};
  Options options;
  app.add_option("-c,--config", options.config, "The configuration file")->capture_default_str();
  app.add_flag("--check", options.check, "Only say whether it would come up, and what it would do");
  app.add_flag("-v,--verbose", options.verbose, "Say more on standard error");
  app.footer("Exit codes: 0 done, 1 failed, 2 usage, 3 invalid configuration.");
  app.set_version_flag("--version", "usherd " USHER_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(app.exit(error) == 0 ? FinishOutput() : DaemonExit::kUsage);
  }
  return static_cast<int>(RunAndFinish(options));
}
