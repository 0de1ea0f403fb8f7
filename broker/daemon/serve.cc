#include "daemon/serve.h"

#include <cstdlib>
#include <utility>

#include "daemon/pipeline.h"

namespace broker {
namespace {

DaemonExit OutcomeOf(const Pipeline& pipeline, const Status& started) {
  if (pipeline.SettingsAreWrong()) return DaemonExit::kInvalidConfiguration;
  const bool stopped = started.code() == StatusCode::kStopped;
  const bool well = (started.ok() || stopped) && !pipeline.SourceFailed();
  return well && !pipeline.GaveUpEvents() ? DaemonExit::kDone : DaemonExit::kFailed;
}

}  // namespace

DaemonExit Serve(Settings settings, std::unique_ptr<FileSystem> files, Service& service,
                 Diagnostics& diagnostics) {
  Pipeline pipeline(std::move(settings), std::move(files), service, diagnostics);
  const Status started = pipeline.Start();
  const bool stopped = started.code() == StatusCode::kStopped;
  if (started.ok()) {
    while (service.WaitForRequest() == ServiceRequest::kReload) pipeline.Reload();
  } else {
    diagnostics.Log(stopped ? Severity::kInfo : Severity::kError, "usherd", started.message());
  }
  // A plugin that is still inside a call keeps its library: nothing may be unloaded under it.
  if (!pipeline.Stop()) std::_Exit(EXIT_FAILURE);
  const DaemonExit outcome = OutcomeOf(pipeline, started);
  // Nor may static objects of a library be destroyed that a thread may still use.
  if (pipeline.KeepsLibraries()) std::_Exit(static_cast<int>(outcome));
  return outcome;
}

}  // namespace broker
