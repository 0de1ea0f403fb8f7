#include "source/factory.h"

#include "platform/linux/logind_source.h"
#include "platform/simulated/session_source.h"

namespace broker {

Result<std::unique_ptr<Source>> CreateSource(const SourceSettings& settings,
                                             Diagnostics& diagnostics) {
  if (settings.type == "simulated") return MakeSimulatedSource(settings, diagnostics);
  if (settings.type == "logind") {
    return std::unique_ptr<Source>(std::make_unique<LogindSource>(ConnectToLogind, diagnostics));
  }
  return Status(StatusCode::kInvalid, "there is no source of type '" + settings.type +
                                          "' on this system; [source] type is \"logind\" or "
                                          "\"simulated\"");
}

}  // namespace broker
