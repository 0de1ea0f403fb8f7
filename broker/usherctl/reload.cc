#include "usherctl/reload.h"

#include "control/results.h"
#include "event/text.h"
#include "usherctl/style.h"

namespace broker {
namespace {

constexpr size_t kMaxName = 64;
constexpr size_t kMaxError = 2048;

void PrintNames(Streams& streams, const char* what, const std::vector<std::string>& names) {
  for (const std::string& name : names) streams.out << what << Shown(name, kMaxName) << '\n';
}

void Print(const ReloadResult& result, Streams& streams) {
  for (const std::string& error : result.errors) {
    streams.err << EscapeForTerminal(error) << '\n';
  }
  if (!result.errors.empty()) {
    return Complain(streams, "the configuration is not reloaded, nothing was changed");
  }
  streams.out << "the configuration is reloaded\n";
  PrintNames(streams, "started    ", result.started);
  PrintNames(streams, "restarted  ", result.restarted);
  PrintNames(streams, "stopped    ", result.stopped);
  PrintNames(streams, "takes a restart of usherd: ", result.needs_restart);
  for (const ReloadFailure& failure : result.failed) {
    Complain(streams, Shown(failure.instance, kMaxName) + ": " + Shown(failure.error, kMaxError));
  }
}

ExitCode Judge(const boost::json::value& json) {
  const auto result = ParseReloadResult(json);
  const bool good = result.ok() && result->errors.empty() && result->failed.empty();
  return good ? kExitDone : kExitFailed;
}

}  // namespace

int RunReload(const AskOptions& options, Streams& streams) {
  const auto show = [&streams](const boost::json::value& json) -> Status {
    const auto result = ParseReloadResult(json);
    if (result.ok()) Print(result.value(), streams);
    return result.status();
  };
  return Ask(options, "reload", streams, show, {}, kSteeringTimeout, Judge);
}

}  // namespace broker
