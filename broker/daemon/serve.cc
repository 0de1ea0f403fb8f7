#include "daemon/serve.h"

#include <cstdlib>
#include <utility>

#include "daemon/pipeline.h"

namespace broker {

int Serve(Settings settings, std::unique_ptr<FileSystem> files, Service& service,
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
  const bool well = (started.ok() || stopped) && !pipeline.SourceFailed();
  const int outcome = well ? EXIT_SUCCESS : EXIT_FAILURE;
  // Nor may static objects of a library be destroyed that a thread may still use.
  if (pipeline.KeepsLibraries()) std::_Exit(outcome);
  return outcome;
}

}  // namespace broker
